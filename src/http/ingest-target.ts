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
  /** As `of`, but makes no cluster: undefined where there is none of the name. For posts of which nothing is taken. */
  find(principal: Principal, clusterName: string | null): Promise<IntakeTarget | undefined>;
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

  async function findId(tenant: string, name: string): Promise<string | undefined> {
    return ids.get(`${tenant}/${name}`) ?? (await clusters.getByName(tenant, name.trim()))?.id;
  }

  async function nameOf(tenant: string, id: string): Promise<string> {
    const name = names.get(id) ?? (await clusters.get(tenant, id))?.name;
    if (name === undefined) throw new AppError('not_found', 'the cluster this key is bound to is gone');
    names.set(id, name);
    return name;
  }

  /** The key's own cluster; `null` where it is bound to none. */
  async function ownOf({ tenantId: tenant, clusterId }: Principal, clusterName: string | null): Promise<string | null> {
    if (clusterId === null) return null;
    const expected = clusterName === null ? null : await nameOf(tenant, clusterId);
    if (clusterName === expected) return clusterId;
    throw new AppError('cluster_mismatch', `this key is of cluster "${expected}"; the post names another`, {
      details: { expected_cluster: expected, received_cluster: clusterName },
    });
  }

  const nameDefault = settings.intake.clusterNameDefault;
  return {
    async of(principal, clusterName) {
      const tenant = principal.tenantId;
      const cluster = (await ownOf(principal, clusterName)) ?? (await idOf(tenant, clusterName ?? nameDefault));
      return { tenant, cluster };
    },
    async find(principal, clusterName) {
      const tenant = principal.tenantId;
      const cluster = (await ownOf(principal, clusterName)) ?? (await findId(tenant, clusterName ?? nameDefault));
      return cluster === undefined ? undefined : { tenant, cluster };
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
