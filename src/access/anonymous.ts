import type { Tenant } from '../store/relational/tenants.ts';
import type { Principal } from './principal.ts';

/** No key has it: it names whoever uploads without one, in rate limits and logs. */
const KEY_ID = 'anonymous';

/**
 * Who uploads without a key, where the configuration names a tenant for that: somebody who may bring facts and ask nothing.
 * `null` where it names none, or one that is not there (yet).
 */
export function createAnonymousUploader(
  tenantName: string | undefined,
  findTenant: (name: string) => Promise<Pick<Tenant, 'id'> | undefined>,
): () => Promise<Principal | null> {
  let known: Principal | null = null;
  return async () => {
    if (known || tenantName === undefined) return known;
    const tenant = await findTenant(tenantName);
    if (tenant) known = { tenantId: tenant.id, keyId: KEY_ID, scopes: ['ingest'], clusterId: null };
    return known;
  };
}
