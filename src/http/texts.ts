import type { Clusters } from './dependencies.ts';

/** RFC 3339, UTC. */
export function instantText(at: number): string {
  return new Date(at).toISOString();
}

export function instantTextOrNull(at: number | null): string | null {
  return at === null ? null : instantText(at);
}

/** The names of a tenant's clusters, to be shown beside their ids. */
export async function clusterNames(
  clusters: Clusters,
  tenantId: string,
): Promise<(id: string | null) => string | null> {
  const names = new Map((await clusters.list(tenantId)).map(({ id, name }) => [id, name]));
  return (id) => (id === null ? null : (names.get(id) ?? null));
}
