import { z } from 'zod';
import { Name, PageLimit, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

export const Tenant = z.object({ tenant_id: Uuid, name: z.string(), created_at: z.string() });
export type Tenant = z.infer<typeof Tenant>;

export const createTenant = defineRoute({
  method: 'POST',
  url: '/v1/admin/tenants',
  summary: 'Make a tenant',
  scope: 'operator',
  status: 201,
  body: z.strictObject({ name: Name }),
  reply: Tenant,
});

export const listTenants = defineRoute({
  method: 'GET',
  url: '/v1/admin/tenants',
  summary: 'Tenants by name: all of them for an operator, else the caller’s own',
  scope: 'admin',
  query: z.strictObject({
    limit: PageLimit,
    after: Name.optional().describe('Tenants after this name: `next` of the page before'),
  }),
  reply: z.object({ tenants: z.array(Tenant), next: z.string().nullable() }),
});
