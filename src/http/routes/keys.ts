import { type ApiKey, createKey, listKeys, revokeKey, rotateKey } from '../../contracts/keys.ts';
import type { KeyRecord, ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';
import { clusterNames, instantText, instantTextOrNull } from '../texts.ts';

export function addKeyRoutes(
  add: AddRoute,
  { access: { keys }, clusters }: Pick<ServerDeps, 'access' | 'clusters'>,
): void {
  const toWire = async (key: KeyRecord) => wireOf(key, await clusterNames(clusters, key.tenantId));

  add(createKey, async ({ body, request }) => {
    const { tenant_id, name, scopes, cluster_name, expires_at } = body;
    const expiresAt = expires_at === undefined ? undefined : Date.parse(expires_at);
    const wanted = { tenantId: tenant_id, name, scopes, clusterName: cluster_name, expiresAt };
    const key = await keys.create(principalOf(request), wanted);
    return { ...(await toWire(key)), secret: key.secret };
  });

  add(listKeys, async ({ query: { tenant_id, limit, before }, request }) => {
    const principal = principalOf(request);
    const page = await keys.list(principal, { tenantId: tenant_id, limit, before });
    const nameOf = await clusterNames(clusters, tenant_id ?? principal.tenantId);
    const full = page.length === limit;
    return { api_keys: page.map((key) => wireOf(key, nameOf)), next: (full && page.at(-1)?.keyId) || null };
  });

  add(revokeKey, async ({ params, query, request }) =>
    toWire(await keys.revoke(principalOf(request), params.key_id, query.tenant_id)),
  );

  add(rotateKey, async ({ params, body, request }) => {
    const options = { tenantId: body.tenant_id, graceSeconds: body.grace_seconds };
    const key = await keys.rotate(principalOf(request), params.key_id, options);
    return { ...(await toWire(key)), secret: key.secret };
  });
}

function wireOf(key: KeyRecord, nameOf: (clusterId: string | null) => string | null): ApiKey {
  return {
    key_id: key.keyId,
    tenant_id: key.tenantId,
    cluster_id: key.clusterId,
    cluster_name: nameOf(key.clusterId),
    name: key.name,
    scopes: [...key.scopes],
    created_at: instantText(key.createdAt),
    expires_at: instantTextOrNull(key.expiresAt),
    revoked_at: instantTextOrNull(key.revokedAt),
    rotated_from: key.rotatedFrom,
    last_used_at: instantTextOrNull(key.lastUsedAt),
  };
}
