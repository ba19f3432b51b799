import { MINUTE_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createLru } from '../lib/lru.ts';
import type { IntakeTarget, Principal, ServerDeps } from './dependencies.ts';

/**
 * Which cluster a post is about. The tenant is the key's, always; the cluster is the key's own where it is bound to one,
 * and otherwise the tenant's cluster of the name the post gives.
 */
export interface IngestTargets {
  /** Throws `cluster_mismatch` where the key is bound to another cluster than the post names. */
  of(principal: Principal, clusterName: string | null): Promise<IntakeTarget>;
  /** Notes that the cluster reported, at most once a minute. */
  reported(target: IntakeTarget): Promise<void>;
}

const REMEMBERED_MAX = 10_000;
const NOTE_INTERVAL_MS = MINUTE_MS;

export function createIngestTargets(deps: Pick<ServerDeps, 'clusters' | 'clock' | 'settings' | 'log'>): IngestTargets {
  const { clusters, clock, settings, log } = deps;
  const ids = createLru<string>(REMEMBERED_MAX); // a pair of tenant and name never changes its id, nor an id its name
  const names = createLru<string>(REMEMBERED_MAX);
  const notedAt = createLru<number>(REMEMBERED_MAX);

  async function idOf(tenant: string, name: string): Promise<string> {
    const key = `${tenant}/${name}`;
    const id = ids.get(key) ?? (await clusters.resolve(tenant, name, clock.now())).id;
    ids.set(key, id);
    return id;
  }

  async function nameOf(tenant: string, id: string): Promise<string> {
    const name = names.get(id) ?? (await clusters.get(tenant, id))?.name;
    if (name === undefined) throw new AppError('not_found', 'the cluster this key is bound to is gone');
    names.set(id, name);
    return name;
  }

  return {
    async of({ tenantId: tenant, clusterId }, clusterName) {
      if (clusterId === null) {
        return { tenant, cluster: await idOf(tenant, clusterName ?? settings.intake.clusterNameDefault) };
      }
      const expected = clusterName === null ? null : await nameOf(tenant, clusterId);
      if (clusterName === expected) return { tenant, cluster: clusterId };
      throw new AppError('cluster_mismatch', `this key is of cluster "${expected}"; the post names another`, {
        details: { expected_cluster: expected, received_cluster: clusterName },
      });
    },
    async reported({ tenant, cluster }) {
      const now = clock.now();
      if (now - (notedAt.get(cluster) ?? -Infinity) < NOTE_INTERVAL_MS) return;
      notedAt.set(cluster, now);
      await clusters.touch(tenant, cluster, now).catch((error: unknown) => {
        notedAt.delete(cluster); // for people's information only: not worth refusing a post that is stored
        log.debug({ error }, 'report of cluster not noted');
      });
    },
  };
}
