import { AppError } from '../../lib/errors.ts';
import type { Manifest } from '../../sources/koku/manifest.ts';
import type { ClusterRecord, Principal, ServerDeps } from '../dependencies.ts';

/**
 * The cluster that an upload is of, by the id its operator gives. A key that is bound to a cluster speaks of that one alone:
 * its first upload says which id that is, unless it comes under another name; from then on no other id will do. Throws
 * `cluster_mismatch`.
 */
export async function uploadCluster(
  { tenantId, clusterId }: Principal,
  { clusterId: externalId, clusterName: name }: Manifest,
  { clusters, clock }: Pick<ServerDeps, 'clusters' | 'clock'>,
): Promise<ClusterRecord> {
  if (clusterId === null) return await clusters.resolveExternal(tenantId, { externalId, name }, clock.now());
  const bound = await clusters.get(tenantId, clusterId);
  if (!bound) throw new AppError('not_found', 'the cluster this key is bound to is gone');
  const isNamed = name !== externalId;
  const mayBind = bound.externalId === null && (!isNamed || name === bound.name || externalId === bound.name);
  const cluster = mayBind ? await clusters.bindExternal(tenantId, clusterId, externalId) : bound;
  if (cluster?.externalId === externalId) return cluster;
  const expected = bound.externalId ?? bound.name;
  throw new AppError('cluster_mismatch', `this key is of cluster "${bound.name}"; the upload is of another`, {
    details: { expected_cluster: expected, received_cluster: externalId },
  });
}
