import { AppError } from '../lib/errors.ts';
import { type ApiKey, createApiKeys, SCOPES } from '../store/relational/api-keys.ts';
import { checkedName } from '../store/relational/names.ts';
import type { Database } from '../store/relational/relational.ts';
import { createSecret, type Pepper } from './secret.ts';

/** A key with its secret, which is shown this once and kept nowhere. */
export interface IssuedKey extends ApiKey {
  readonly secret: string;
}

/** Usable keys a tenant may have at once. */
export const KEYS_PER_TENANT_MAX = 1_000;

type KeySpec = Pick<ApiKey, 'tenantId' | 'name' | 'scopes' | 'clusterId' | 'expiresAt' | 'rotatedFrom'>;

/** Makes and stores a key with a secret of its own. Throws `invalid_request`, `not_found`, or `limit_exceeded`. */
export async function issueKey(
  db: Database,
  { pepper, at, key }: { pepper: Pepper; at: number; key: KeySpec },
): Promise<IssuedKey> {
  const { tenantId, clusterId, expiresAt, rotatedFrom } = key;
  refuseWrong(key, at);
  const keys = createApiKeys(db);
  if ((await keys.countUsable(tenantId, at)) >= KEYS_PER_TENANT_MAX) {
    throw new AppError('limit_exceeded', `the tenant has ${KEYS_PER_TENANT_MAX} usable API keys already`);
  }
  const { secret, salt, secretHash } = createSecret(pepper);
  const made = {
    keyId: crypto.randomUUID(),
    name: checkedName('key', key.name),
    scopes: SCOPES.filter((scope) => key.scopes.includes(scope)),
    createdAt: at,
    clusterId,
    expiresAt,
    rotatedFrom,
  };
  await keys.insert(tenantId, { ...made, salt, secretHash });
  return { ...made, tenantId, secret, revokedAt: null, lastUsedAt: null };
}

function refuseWrong({ scopes, clusterId, expiresAt }: KeySpec, at: number): void {
  const unknown = scopes.filter((scope) => !SCOPES.includes(scope));
  if (scopes.length === 0 || unknown.length > 0) {
    throw new AppError('invalid_request', `an API key needs scopes of: ${SCOPES.join(', ')}`);
  }
  // It could make itself a key without the binding.
  if (clusterId !== null && (scopes.includes('admin') || scopes.includes('operator'))) {
    throw new AppError('invalid_request', 'a key that administers cannot be bound to a cluster');
  }
  if (expiresAt !== null && expiresAt <= at) {
    throw new AppError('invalid_request', 'a key must end in the future');
  }
}
