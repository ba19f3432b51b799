import { z } from 'zod';
import { Instant, Name, PageLimit, Scope, TenantOf, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const instantOrNull = z.string().nullable();

export const ApiKey = z.object({
  key_id: Uuid,
  tenant_id: Uuid,
  cluster_id: Uuid.nullable().describe('The only cluster this key may speak of; null is any of its tenant'),
  cluster_name: z.string().nullable(),
  name: z.string(),
  scopes: z.array(Scope),
  created_at: z.string(),
  expires_at: instantOrNull,
  revoked_at: instantOrNull,
  rotated_from: Uuid.nullable(),
  last_used_at: instantOrNull.describe('Known to the hour'),
});
export type ApiKey = z.infer<typeof ApiKey>;

export const IssuedApiKey = ApiKey.extend({
  secret: z.string().describe('Shown this once. Callers send "X-Api-Key: <key_id>:<secret>"'),
});

const KeyParams = z.strictObject({ key_id: Uuid });

export const createKey = defineRoute({
  method: 'POST',
  url: '/v1/admin/api_keys',
  summary: 'Make an API key',
  scope: 'admin',
  status: 201,
  body: z
    .strictObject({
      tenant_id: TenantOf,
      name: Name.default('api key'),
      scopes: z.array(Scope).min(1).max(Scope.options.length),
      cluster_name: Name.optional().describe('Binds the key to this cluster, made when new'),
      expires_at: Instant.optional(),
    })
    .meta({ examples: [{ name: 'agents of production', scopes: ['ingest'], cluster_name: 'production' }] }),
  reply: IssuedApiKey,
});

export const listKeys = defineRoute({
  method: 'GET',
  url: '/v1/admin/api_keys',
  summary: 'API keys of a tenant, newest first',
  scope: 'admin',
  query: z.strictObject({
    tenant_id: TenantOf,
    limit: PageLimit,
    before: Uuid.optional().describe('Keys made before this one: `next` of the page before'),
  }),
  reply: z.object({ api_keys: z.array(ApiKey), next: Uuid.nullable() }),
});

export const revokeKey = defineRoute({
  method: 'DELETE',
  url: '/v1/admin/api_keys/:key_id',
  summary: 'Revoke an API key; it is refused from then on',
  scope: 'admin',
  params: KeyParams,
  query: z.strictObject({ tenant_id: TenantOf }),
  reply: ApiKey,
});

export const rotateKey = defineRoute({
  method: 'POST',
  url: '/v1/admin/api_keys/:key_id/rotate',
  summary: 'Replace an API key by a new one like it',
  scope: 'admin',
  status: 201,
  params: KeyParams,
  body: z
    .strictObject({
      tenant_id: TenantOf,
      grace_seconds: z
        .int()
        .min(0)
        .max(30 * 86_400)
        .default(0)
        .describe('How long the old key still works'),
    })
    .nullish()
    .transform((body) => body ?? { grace_seconds: 0 }),
  reply: IssuedApiKey,
});
