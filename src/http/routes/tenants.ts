import { createTenant, listTenants, type Tenant } from '../../contracts/tenants.ts';
import type { ServerDeps, TenantRecord } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';
import { instantText } from '../texts.ts';

export function addTenantRoutes(add: AddRoute, { access }: Pick<ServerDeps, 'access'>): void {
  add(createTenant, async ({ body, request }) => toWire(await access.tenants.create(principalOf(request), body.name)));

  add(listTenants, async ({ query: { limit, after }, request }) => {
    const page = after === undefined ? { limit } : { limit, after };
    const tenants = (await access.tenants.list(principalOf(request), page)).map(toWire);
    return { tenants, next: tenants.length === limit ? (tenants.at(-1)?.name ?? null) : null };
  });
}

function toWire({ id, name, createdAt }: TenantRecord): Tenant {
  return { tenant_id: id, name, created_at: instantText(createdAt) };
}
