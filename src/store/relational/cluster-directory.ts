import { type Clock, MINUTE_MS } from '../../lib/clock.ts';
import { createLru } from '../../lib/lru.ts';
import type { Cluster, Clusters } from './clusters.ts';

/**
 * Clusters by name for the intake, which asks at every delivery: answered from memory, since a pair of tenant and name
 * never changes its id.
 */
export interface ClusterDirectory {
  /** As `Clusters.resolve`; also notes that the cluster reported, at most once a minute. */
  resolve(tenantId: string, name: string): Promise<Pick<Cluster, 'id' | 'name'>>;
}

const KNOWN_MAX = 10_000;
const TOUCH_INTERVAL_MS = MINUTE_MS;

export function createClusterDirectory(deps: { clusters: Clusters; clock: Clock }): ClusterDirectory {
  const { clusters, clock } = deps;
  const known = createLru<{ id: string; name: string; notedAt: number }>(KNOWN_MAX);

  return {
    async resolve(tenantId, name) {
      const now = clock.now();
      const key = `${tenantId} ${name.trim()}`;
      let entry = known.get(key);
      if (!entry) {
        const cluster = await clusters.resolve(tenantId, name, now);
        entry = { id: cluster.id, name: cluster.name, notedAt: -Infinity };
        known.set(key, entry);
      }
      if (now - entry.notedAt >= TOUCH_INTERVAL_MS) {
        entry.notedAt = now;
        // For people's information only: not worth refusing a delivery.
        await clusters.touch(tenantId, entry.id, now).catch(() => {});
      }
      return { id: entry.id, name: entry.name };
    },
  };
}
