import { AppError } from '../../lib/errors.ts';
import type { Manifest } from '../../sources/koku/manifest.ts';
import type { ClusterRecord, Principal, ServerDeps } from '../dependencies.ts';

/** The cluster that an upload is of. It is made, or given its id, only for an upload of which something is taken. */
export interface UploadCluster {
  /** `null` where there is none yet. */
  readonly known: ClusterRecord | null;
  /** Makes it where there is none, once for all callers. Throws `cluster_mismatch`, `limit_exceeded`. */
  settle(): Promise<ClusterRecord>;
}

type Deps = Pick<ServerDeps, 'clusters' | 'clock'>;

/**
 * Found by the id its operator gives. A key that is bound to a cluster speaks of that one alone: its first upload says which
 * id that is, unless it comes under another name; from then on no other id will do. Throws `cluster_mismatch`.
 */
export async function uploadCluster(principal: Principal, manifest: Manifest, deps: Deps): Promise<UploadCluster> {
  const { tenantId, clusterId } = principal;
  if (clusterId !== null) return await boundCluster({ tenantId, clusterId }, manifest, deps);
  const { clusterId: externalId, clusterName: name } = manifest;
  const known = (await deps.clusters.list(tenantId)).find((cluster) => cluster.externalId === externalId);
  return settling(known ?? null, () => deps.clusters.resolveExternal(tenantId, { externalId, name }, deps.clock.now()));
}

async function boundCluster(
  { tenantId, clusterId }: { readonly tenantId: string; readonly clusterId: string },
  manifest: Manifest,
  { clusters }: Deps,
): Promise<UploadCluster> {
  const { clusterId: externalId, clusterName: name } = manifest;
  const bound = await clusters.get(tenantId, clusterId);
  if (!bound) throw new AppError('not_found', 'the cluster this key is bound to is gone');
  const isNamed = name !== externalId;
  const mayBind = bound.externalId === null && (!isNamed || name === bound.name || externalId === bound.name);
  if (bound.externalId !== externalId && !mayBind) throw mismatch(bound, manifest);
  return settling(bound, async () => {
    if (bound.externalId === externalId) return bound;
    const cluster = await clusters.bindExternal(tenantId, clusterId, externalId);
    if (cluster?.externalId === externalId) return cluster;
    throw mismatch(cluster ?? bound, manifest);
  });
}

function settling(found: ClusterRecord | null, make: () => Promise<ClusterRecord>): UploadCluster {
  let known = found;
  let making: Promise<ClusterRecord> | null = null;
  async function makeOnce(): Promise<ClusterRecord> {
    known = await make();
    return known;
  }
  return {
    get known() {
      return known;
    },
    settle() {
      making ??= makeOnce();
      return making;
    },
  };
}

function mismatch({ name, externalId }: ClusterRecord, { clusterId, clusterName }: Manifest): AppError {
  const expected = externalId === null ? `"${name}"` : `"${name}" (cluster_id ${externalId})`;
  const received = clusterName === clusterId ? clusterId : `${clusterId}, named "${clusterName}"`;
  const remedy =
    externalId === null
      ? 'Send it with a key of that cluster, or name the cluster there as it is called here'
      : 'Send it with a key of that cluster, or with one that is bound to none';
  const message = `this key is of the cluster ${expected}; the upload is of the cluster with cluster_id ${received}. ${remedy}`;
  return new AppError('cluster_mismatch', message, {
    details: { expected_cluster: externalId ?? name, received_cluster: clusterId },
  });
}
