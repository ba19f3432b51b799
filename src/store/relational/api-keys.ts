import { type Selectable, sql } from 'kysely';
import { HOUR_MS } from '../../lib/clock.ts';
import type { Database } from './relational.ts';
import type { Schema } from './schema.ts';

/** What a key allows. `admin` is of the key's own tenant; `operator` may create tenants, and act as admin of any. */
export const SCOPES = ['ingest', 'read', 'admin', 'operator'] as const;
export type Scope = (typeof SCOPES)[number];

/** A key as it is stored: everything but the secret. */
export interface ApiKey {
  readonly keyId: string;
  readonly tenantId: string;
  /** The only cluster this key may speak of; `null` is any of the tenant's. */
  readonly clusterId: string | null;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly rotatedFrom: string | null;
  /** Known to the hour. */
  readonly lastUsedAt: number | null;
}

/** With what it takes to check a secret: for the authenticator only, never for a reply. */
export interface StoredApiKey extends ApiKey {
  readonly salt: Uint8Array;
  readonly secretHash: Uint8Array;
}

export interface ApiKeys {
  /** Throws `not_found` when the tenant has no such cluster, `conflict` when the id exists. */
  insert(tenantId: string, key: Omit<StoredApiKey, 'tenantId' | 'revokedAt' | 'lastUsedAt'>): Promise<void>;
  /** Whoever's key it is: the one look-up without a tenant, because it is what says which tenant is calling. */
  find(keyId: string): Promise<StoredApiKey | undefined>;
  get(tenantId: string, keyId: string): Promise<ApiKey | undefined>;
  /** As `get`, and nobody else changes the key until the transaction ends. */
  lock(tenantId: string, keyId: string): Promise<ApiKey | undefined>;
  /** Newest first, at most `limit`, made before the key `before`. */
  list(tenantId: string, page: { limit: number; before?: string }): Promise<ApiKey[]>;
  /** `false` when the tenant has no such key. Revoking again keeps the first instant. */
  revoke(tenantId: string, keyId: string, at: number): Promise<boolean>;
  /** Brings the end forward to `at`; never puts it off. `false` when the tenant has no such key, or it is revoked. */
  expireBy(tenantId: string, keyId: string, at: number): Promise<boolean>;
  /** Notes a use, at most once an hour per key. */
  touch(tenantId: string, keyId: string, at: number): Promise<void>;
  /** How many of the tenant's keys are neither revoked nor past their end. */
  countUsable(tenantId: string, at: number): Promise<number>;
  /** Whether any operator key can still be used. Nobody else adds a key until the transaction ends. */
  hasOperator(at: number): Promise<boolean>;
}

/** How coarse `lastUsedAt` is. */
export const TOUCH_INTERVAL_MS = HOUR_MS;

const PUBLIC = [
  'key_id',
  'tenant_id',
  'cluster_id',
  'name',
  'scopes',
  'created_at',
  'expires_at',
  'revoked_at',
  'rotated_from',
  'last_used_at',
] as const;

export function createApiKeys(db: Database): ApiKeys {
  const ofTenant = (tenantId: string) => db.selectFrom('api_keys').select(PUBLIC).where('tenant_id', '=', tenantId);
  const change = (tenantId: string, keyId: string) =>
    db.updateTable('api_keys').where('tenant_id', '=', tenantId).where('key_id', '=', keyId);

  return {
    async insert(tenantId, key) {
      await db.insertInto('api_keys').values(toRow(tenantId, key)).execute();
    },
    async find(keyId) {
      const row = await db
        .selectFrom('api_keys')
        .select([...PUBLIC, 'salt', 'secret_hash'])
        .where('key_id', '=', keyId)
        .executeTakeFirst();
      return row && { ...toApiKey(row), salt: row.salt, secretHash: row.secret_hash };
    },
    async get(tenantId, keyId) {
      const row = await ofTenant(tenantId).where('key_id', '=', keyId).executeTakeFirst();
      return row && toApiKey(row);
    },
    async lock(tenantId, keyId) {
      const row = await ofTenant(tenantId).where('key_id', '=', keyId).forUpdate().executeTakeFirst();
      return row && toApiKey(row);
    },
    async list(tenantId, { limit, before }) {
      const older = sql<boolean>`(created_at, key_id) < (select created_at, key_id from api_keys
        where key_id = ${before ?? null} and tenant_id = ${tenantId})`;
      const newest = ofTenant(tenantId).orderBy('created_at', 'desc').orderBy('key_id', 'desc').limit(limit);
      const rows = await (before === undefined ? newest : newest.where(older)).execute();
      return rows.map(toApiKey);
    },
    async revoke(tenantId, keyId, at) {
      const { numUpdatedRows } = await change(tenantId, keyId)
        .set({ revoked_at: sql`coalesce(revoked_at, ${new Date(at)})` })
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async expireBy(tenantId, keyId, at) {
      const { numUpdatedRows } = await change(tenantId, keyId)
        .where('revoked_at', 'is', null)
        .set({ expires_at: sql`least(expires_at, ${new Date(at)})` })
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async touch(tenantId, keyId, at) {
      const before = new Date(at - TOUCH_INTERVAL_MS);
      await change(tenantId, keyId)
        .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<=', before)]))
        .set({ last_used_at: new Date(at) })
        .execute();
    },
    async countUsable(tenantId, at) {
      const { count } = await db
        .selectFrom('api_keys')
        .select(({ fn }) => fn.countAll<bigint>().as('count'))
        .where('tenant_id', '=', tenantId)
        .where(isUsable(at))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async hasOperator(at) {
      await sql`lock table api_keys in share row exclusive mode`.execute(db);
      const operators = db.selectFrom('api_keys').select('key_id').where(sql<boolean>`'operator' = any(scopes)`);
      return (await operators.where(isUsable(at)).limit(1).executeTakeFirst()) !== undefined;
    },
  };
}

function isUsable(at: number) {
  return sql<boolean>`revoked_at is null and (expires_at is null or expires_at > ${new Date(at)})`;
}

function toRow(tenantId: string, key: Omit<StoredApiKey, 'tenantId' | 'revokedAt' | 'lastUsedAt'>) {
  return {
    key_id: key.keyId,
    tenant_id: tenantId,
    cluster_id: key.clusterId,
    name: key.name,
    scopes: [...key.scopes],
    salt: key.salt,
    secret_hash: key.secretHash,
    created_at: new Date(key.createdAt),
    expires_at: key.expiresAt === null ? null : new Date(key.expiresAt),
    revoked_at: null,
    rotated_from: key.rotatedFrom,
    last_used_at: null,
  };
}

type ApiKeyRow = Omit<Selectable<Schema['api_keys']>, 'salt' | 'secret_hash'>;

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    keyId: row.key_id,
    tenantId: row.tenant_id,
    clusterId: row.cluster_id,
    name: row.name,
    scopes: SCOPES.filter((scope) => row.scopes.includes(scope)),
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at?.getTime() ?? null,
    revokedAt: row.revoked_at?.getTime() ?? null,
    rotatedFrom: row.rotated_from,
    lastUsedAt: row.last_used_at?.getTime() ?? null,
  };
}
