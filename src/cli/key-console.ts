import type { KeyAdmin } from '../access/key-admin.ts';
import type { Principal } from '../access/principal.ts';
import type { Client } from '../client/client.ts';
import { createKey, listKeys, revokeKey, rotateKey } from '../contracts/keys.ts';
import { listTenants } from '../contracts/tenants.ts';
import { SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Scope } from '../store/relational/api-keys.ts';

/** The administration of keys as the command line sees it, whether the stores are here or behind a server. */
export interface KeyConsole {
  create(request: NewKey): Promise<ShownKey & { secret: string }>;
  /** Newest first, at most `limit`. */
  list(limit: number): Promise<ShownKey[]>;
  revoke(keyId: string): Promise<void>;
  rotate(keyId: string, graceMs: number): Promise<ShownKey & { secret: string }>;
}

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly clusterName?: string | undefined;
  readonly expiresAt?: number | undefined;
}

/** Instants in milliseconds; `null` is never. */
export interface ShownKey {
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

export function consoleOfStores(keys: KeyAdmin, by: Principal): KeyConsole {
  return {
    create: (request) => keys.create(by, request),
    list: (limit) => keys.list(by, { limit }),
    async revoke(keyId) {
      await keys.revoke(by, keyId);
    },
    rotate: (keyId, graceMs) => keys.rotate(by, keyId, { graceSeconds: graceMs / SECOND_MS }),
  };
}

/** `tenantId`: another tenant than the key's own, which takes an operator. */
export function consoleOfServer(client: Client, tenantId: string | undefined): KeyConsole {
  const tenant_id = tenantId;
  return {
    async create({ name, scopes, clusterName, expiresAt }) {
      const expires_at = expiresAt === undefined ? undefined : new Date(expiresAt).toISOString();
      const body = { tenant_id, name, scopes: [...scopes], cluster_name: clusterName, expires_at };
      const issued = await client.call(createKey, { body });
      return { ...shown(issued), secret: issued.secret };
    },
    async list(limit) {
      const { api_keys } = await client.call(listKeys, { query: { tenant_id, limit } });
      return api_keys.map(shown);
    },
    async revoke(keyId) {
      await client.call(revokeKey, { params: { key_id: keyId }, query: { tenant_id } });
    },
    async rotate(keyId, graceMs) {
      const body = { tenant_id, grace_seconds: graceMs / SECOND_MS };
      const issued = await client.call(rotateKey, { params: { key_id: keyId }, body });
      return { ...shown(issued), secret: issued.secret };
    },
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TENANTS_PER_PAGE = 1_000;

/** The id of the tenant that a person calls by its name, or by the id itself. Throws `not_found`. */
export async function tenantIdAt(client: Client, tenant: string): Promise<string> {
  if (UUID.test(tenant)) return tenant;
  let after: string | undefined;
  do {
    const { tenants, next } = await client.call(listTenants, { query: { limit: TENANTS_PER_PAGE, after } });
    const found = tenants.find(({ name }) => name === tenant);
    if (found) return found.tenant_id;
    after = next ?? undefined;
  } while (after !== undefined);
  throw new AppError('not_found', `this key knows no tenant "${tenant}"`);
}

interface WireKey {
  readonly key_id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly last_used_at: string | null;
}

function shown(key: WireKey): ShownKey {
  return {
    keyId: key.key_id,
    name: key.name,
    scopes: key.scopes,
    createdAt: Date.parse(key.created_at),
    expiresAt: at(key.expires_at),
    revokedAt: at(key.revoked_at),
    lastUsedAt: at(key.last_used_at),
  };
}

function at(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}
