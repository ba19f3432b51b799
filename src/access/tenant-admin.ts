import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createApiKeys, SCOPES } from '../store/relational/api-keys.ts';
import { createAudit } from '../store/relational/audit.ts';
import type { Relational } from '../store/relational/relational.ts';
import { createTenants, type Tenant } from '../store/relational/tenants.ts';
import { type IssuedKey, issueKey } from './issue-key.ts';
import { hasScope, type Principal, requireScope } from './principal.ts';
import type { Pepper } from './secret.ts';

export interface TenantAdmin {
  /** Needs `operator`. Throws `conflict` when the name is taken, `invalid_request` when it cannot be one. */
  create(by: Principal, name: string): Promise<Tenant>;
  /** An operator sees all, by name; an admin its own alone. */
  list(by: Principal, page: { limit: number; after?: string }): Promise<Tenant[]>;
  /**
   * The first key of all: every scope, of the tenant of this name, made when new. Throws `conflict` when an operator key
   * can still be used, unless `another` is wanted. Only for the console: it asks nobody's leave.
   */
  initialise(options: { tenantName: string; another?: boolean }): Promise<{ tenant: Tenant; key: IssuedKey }>;
}

const CONSOLE = 'console';

export function createTenantAdmin(deps: { relational: Relational; pepper: Pepper; clock: Clock }): TenantAdmin {
  const { relational, pepper, clock } = deps;
  return {
    async create(by, name) {
      requireScope(by, 'operator');
      const at = clock.now();
      return relational.transaction(async (transaction) => {
        const tenant = await createTenants(transaction).create(name, at);
        const event = { at, actor: by.keyId, action: 'tenant.create', target: tenant.id, details: { name } } as const;
        await createAudit(transaction).record(tenant.id, event);
        return tenant;
      });
    },
    async list(by, page) {
      requireScope(by, 'admin');
      const tenants = createTenants(relational.db);
      if (hasScope(by, 'operator')) return tenants.list(page);
      const own = await tenants.get(by.tenantId);
      return own && own.name > (page.after ?? '') ? [own] : [];
    },
    async initialise({ tenantName, another = false }) {
      const at = clock.now();
      return relational.transaction(async (transaction) => {
        if ((await createApiKeys(transaction).hasOperator(at)) && !another) {
          throw new AppError('conflict', 'there is an operator key already');
        }
        const tenants = createTenants(transaction);
        const tenant = (await tenants.getByName(tenantName.trim())) ?? (await tenants.create(tenantName, at));
        const spec = { tenantId: tenant.id, name: 'operator', clusterId: null, expiresAt: null, rotatedFrom: null };
        const key = await issueKey(transaction, { pepper, at, key: { ...spec, scopes: SCOPES } });
        const details = { name: key.name, scopes: key.scopes };
        const event = { at, actor: CONSOLE, action: 'api_key.create', target: key.keyId, details } as const;
        await createAudit(transaction).record(tenant.id, event);
        return { tenant, key };
      });
    },
  };
}
