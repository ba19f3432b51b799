import { type Clock, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createLru } from '../lib/lru.ts';
import type { Cache } from '../store/cache/cache.ts';
import { type ApiKeys, SCOPES, type StoredApiKey } from '../store/relational/api-keys.ts';
import type { RelationalCapabilities } from '../store/relational/relational.ts';

/**
 * Keys as the authenticator needs them, from a cache where that is safe.
 *
 * Guarantee: once `changed` has returned, no replica takes the key's old state for true. A cache may therefore be used
 * only if every change reaches it: a shared one, or any when no other process can change the store (`usableCache`).
 * Several replicas without Redis ask PostgreSQL each time, a look-up by primary key. Deleting the entry would not do,
 * since a reader that read the store before the change could put the old state back after it. So a change leaves a
 * marker, which a reader never replaces (`add`), and which outlives any such reader.
 */
export interface KeyRecords {
  find(keyId: string): Promise<KeyRecord | undefined>;
  /**
   * Call after the change is committed. Throws `store_unavailable` when the shared cache could not be told: the change
   * holds, but elsewhere the old state may be believed for at most `CACHED_MS_MAX`. Calling again is harmless.
   */
  changed(keyId: string): Promise<void>;
}

/** What it takes to check a secret and to know who it is; nothing that is not needed is cached. */
export type KeyRecord = Pick<
  StoredApiKey,
  'keyId' | 'tenantId' | 'clusterId' | 'scopes' | 'salt' | 'secretHash' | 'expiresAt' | 'revokedAt'
>;

/** How long a key is cached, at most; never past its end. */
export const CACHED_MS_MAX = 300 * SECOND_MS;
/** Longer than a reader may take from its look-up in the store to its write in the cache. */
const MARKER_MS = MINUTE_MS;
const MARKER = 'changed';
/** Ids that nobody has are remembered in this process alone: briefly, and so many at most. */
const UNKNOWN_MS = 10 * SECOND_MS;
const UNKNOWN_MAX = 10_000;

/** The cache if it may be used for keys of a store with these capabilities. */
export function usableCache(cache: Cache, store: RelationalCapabilities): Cache | undefined {
  return cache.scope === 'shared' || store.processes === 'one' ? cache : undefined;
}

export function createKeyRecords(deps: {
  apiKeys: Pick<ApiKeys, 'find'>;
  cache: Cache | undefined;
  clock: Clock;
  cachedMsMax?: number;
}): KeyRecords {
  const { apiKeys, cache, clock } = deps;
  const cachedMsMax = Math.min(deps.cachedMsMax ?? CACHED_MS_MAX, CACHED_MS_MAX);
  const unknownUntil = createLru<number>(UNKNOWN_MAX);

  async function read(keyId: string): Promise<KeyRecord | undefined> {
    const record = await apiKeys.find(keyId);
    if (!record) unknownUntil.set(keyId, clock.now() + UNKNOWN_MS);
    return record;
  }

  return {
    async find(keyId) {
      if ((unknownUntil.get(keyId) ?? 0) > clock.now()) return undefined;
      if (!cache) return read(keyId);
      const cached = await cache.get(cacheKey(keyId));
      if (cached === MARKER) return read(keyId);
      const known = cached === undefined ? undefined : decode(keyId, cached);
      if (known) return known;
      const record = await read(keyId);
      const ttlMs = record ? Math.min(cachedMsMax, (record.expiresAt ?? Infinity) - clock.now()) : 0;
      if (record && ttlMs > 0) await cache.add(cacheKey(keyId), encode(record), ttlMs);
      return record;
    },
    async changed(keyId) {
      unknownUntil.delete(keyId);
      await cache?.set(cacheKey(keyId), MARKER, MARKER_MS).catch((error: unknown) => {
        throw new AppError(
          'store_unavailable',
          `the key is changed, but the shared cache could not be told: its old state may be believed elsewhere for up to ${CACHED_MS_MAX / SECOND_MS} s; repeat the call`,
          { cause: error, details: { key_id: keyId } },
        );
      });
    },
  };
}

function cacheKey(keyId: string): string {
  return `apikey:${keyId}`;
}

function encode(record: KeyRecord): string {
  const { tenantId, clusterId, scopes, expiresAt, revokedAt } = record;
  const salt = Buffer.from(record.salt).toString('base64');
  const secretHash = Buffer.from(record.secretHash).toString('base64');
  return JSON.stringify({ tenantId, clusterId, scopes, expiresAt, revokedAt, salt, secretHash });
}

/** `undefined` for what another version of the program, or anybody else, put there: it is then looked up. */
function decode(keyId: string, text: string): KeyRecord | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const field = (name: string): unknown => Reflect.get(value, name);
  const [tenantId, clusterId, scopes] = [field('tenantId'), field('clusterId'), field('scopes')];
  const [salt, secretHash] = [bytes(field('salt'), 16), bytes(field('secretHash'), 32)];
  const [expiresAt, revokedAt] = [field('expiresAt'), field('revokedAt')];
  if (typeof tenantId !== 'string' || !isNullOr(clusterId, 'string') || !Array.isArray(scopes)) return undefined;
  if (!salt || !secretHash || !isNullOr(expiresAt, 'number') || !isNullOr(revokedAt, 'number')) return undefined;
  const known = SCOPES.filter((scope) => scopes.includes(scope));
  return { keyId, tenantId, clusterId, scopes: known, salt, secretHash, expiresAt, revokedAt };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bytes(value: unknown, length: number): Uint8Array | undefined {
  const decoded = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined;
  return decoded?.length === length ? decoded : undefined;
}

function isNullOr(value: unknown, type: 'string'): value is string | null;
function isNullOr(value: unknown, type: 'number'): value is number | null;
function isNullOr(value: unknown, type: 'string' | 'number'): boolean {
  return value === null || typeof value === type;
}
