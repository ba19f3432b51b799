import { type Cluster, listClusters } from '../../contracts/clusters.ts';
import type { ClusterRecord, Principal, ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';
import { instantText, instantTextOrNull } from '../texts.ts';

export function addClusterRoutes(add: AddRoute, { clusters }: Pick<ServerDeps, 'clusters'>): void {
  add(listClusters, async ({ request }) => ({ clusters: await visibleClusters(clusters, principalOf(request)) }));
}

/** A key of one cluster sees that cluster alone. */
export async function visibleClusters(
  clusters: ServerDeps['clusters'],
  { tenantId, clusterId }: Principal,
): Promise<Cluster[]> {
  const all = await clusters.list(tenantId);
  return all.filter(({ id }) => clusterId === null || id === clusterId).map(toWire);
}

function toWire({ id, name, externalId, createdAt, lastSeenAt }: ClusterRecord): Cluster {
  return {
    cluster_id: id,
    cluster_name: name,
    external_id: externalId,
    created_at: instantText(createdAt),
    last_seen_at: instantTextOrNull(lastSeenAt),
  };
}
