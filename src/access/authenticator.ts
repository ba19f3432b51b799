import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createLru } from '../lib/lru.ts';
import { type ApiKeys, TOUCH_INTERVAL_MS } from '../store/relational/api-keys.ts';
import { type RequestHeaders, readCredentials } from './credentials.ts';
import type { KeyRecord, KeyRecords } from './key-records.ts';
import type { Principal } from './principal.ts';
import { createSecret, matchesSecret, type Pepper } from './secret.ts';

export interface Authenticator {
  /**
   * Who sent these headers. Throws `api_key_missing`, `api_key_bad_format`, `api_key_invalid`, and, only to one who knows
   * the secret, `api_key_revoked` or `api_key_expired`; `store_unavailable` when nobody can tell.
   */
  authenticate(headers: RequestHeaders): Promise<Principal>;
}

/** How many keys one process remembers having noted the use of. */
const NOTED_MAX = 10_000;

export function createAuthenticator(deps: {
  records: KeyRecords;
  apiKeys: Pick<ApiKeys, 'touch'>;
  pepper: Pepper;
  clock: Clock;
}): Authenticator {
  const { records, apiKeys, pepper, clock } = deps;
  // An unknown id is checked against this, so that it takes as long as a wrong secret and tells no more.
  const nobody = createSecret(pepper);
  const notedAt = createLru<number>(NOTED_MAX);

  async function noteUse(record: KeyRecord, now: number): Promise<void> {
    if (now - (notedAt.get(record.keyId) ?? -Infinity) < TOUCH_INTERVAL_MS) return;
    notedAt.set(record.keyId, now);
    // For people's information only: not worth refusing anybody.
    await apiKeys.touch(record.tenantId, record.keyId, now).catch(() => notedAt.delete(record.keyId));
  }

  return {
    async authenticate(headers) {
      const { keyId, secret } = readCredentials(headers);
      const record = await records.find(keyId);
      const matches = matchesSecret(pepper, record ?? nobody, secret);
      if (!record || !matches) throw new AppError('api_key_invalid', 'there is no such API key');
      const now = clock.now();
      if (record.revokedAt !== null) throw new AppError('api_key_revoked', 'this API key was revoked');
      if (record.expiresAt !== null && record.expiresAt <= now) {
        const ended = new Date(record.expiresAt).toISOString();
        throw new AppError('api_key_expired', `this API key ended at ${ended}`, { details: { expires_at: ended } });
      }
      await noteUse(record, now);
      const { tenantId, scopes, clusterId } = record;
      return { tenantId, keyId, scopes, clusterId };
    },
  };
}
