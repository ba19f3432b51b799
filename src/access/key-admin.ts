import { type Clock, DAY_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { type ApiKey, createApiKeys, type Scope } from '../store/relational/api-keys.ts';
import { createAudit } from '../store/relational/audit.ts';
import { createClusters } from '../store/relational/clusters.ts';
import type { Database, Relational } from '../store/relational/relational.ts';
import { type IssuedKey, issueKey } from './issue-key.ts';
import type { KeyRecords } from './key-records.ts';
import { administeredTenant, hasScope, type Principal, requireScope } from './principal.ts';
import type { Pepper } from './secret.ts';

/**
 * Administration of keys. `by` needs `admin` for its own tenant's keys and `operator` for any other's; only an operator
 * may make, revoke or rotate an operator key. Every change is in the audit trail, in the same transaction, and holds on
 * every replica once the call has returned (see `KeyRecords`). All throw `scope_missing`.
 */
export interface KeyAdmin {
  /** Throws `invalid_request`, `not_found` (tenant), or `limit_exceeded` (keys or clusters of the tenant). */
  create(by: Principal, request: KeyRequest): Promise<IssuedKey>;
  list(by: Principal, page: KeyPage): Promise<ApiKey[]>;
  /** The key as it is now. Throws `not_found`. Revoking again changes nothing, and tells the caches again. */
  revoke(by: Principal, keyId: string, tenantId?: string): Promise<ApiKey>;
  /**
   * A new key like the old one, which ends after the grace period. Throws `not_found`, or `conflict` when the old one can
   * no longer be used.
   */
  rotate(by: Principal, keyId: string, options?: RotateOptions): Promise<IssuedKey>;
}

export interface KeyRequest {
  /** The caller's own when not given. */
  readonly tenantId?: string | undefined;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Binds the key to this cluster, made when new. */
  readonly clusterName?: string | undefined;
  readonly expiresAt?: number | undefined;
}

export interface KeyPage {
  readonly tenantId?: string | undefined;
  readonly limit: number;
  readonly before?: string | undefined;
}

export interface RotateOptions {
  readonly tenantId?: string | undefined;
  /** How long the old key still works; 0 by default, at most `GRACE_SECONDS_MAX`. */
  readonly graceSeconds?: number | undefined;
}

export const GRACE_SECONDS_MAX = (30 * DAY_MS) / SECOND_MS;

interface Deps {
  relational: Relational;
  records: KeyRecords;
  pepper: Pepper;
  clock: Clock;
}

export function createKeyAdmin(deps: Deps): KeyAdmin {
  const { relational, records, pepper, clock } = deps;
  return {
    async create(by, request) {
      const tenantId = administeredTenant(by, request.tenantId);
      if (request.scopes.includes('operator')) requireScope(by, 'operator');
      const at = clock.now();
      return relational.transaction(async (transaction) => {
        const { clusterName, name, scopes, expiresAt = null } = request;
        const cluster = clusterName === undefined ? null : await clusterOf(transaction, { tenantId, clusterName, at });
        const key = { tenantId, name, scopes, expiresAt, clusterId: cluster, rotatedFrom: null };
        const issued = await issueKey(transaction, { pepper, at, key });
        const details = { name, scopes, cluster_name: clusterName ?? null, expires_at: expiresAt };
        const event = { at, actor: by.keyId, action: 'api_key.create', target: issued.keyId, details } as const;
        await createAudit(transaction).record(tenantId, event);
        return issued;
      });
    },
    async list(by, { tenantId, limit, before }) {
      const page = before === undefined ? { limit } : { limit, before };
      return createApiKeys(relational.db).list(administeredTenant(by, tenantId), page);
    },
    async revoke(by, keyId, givenTenant) {
      const tenantId = await tenantOfKey(relational.db, { by, keyId, givenTenant });
      const at = clock.now();
      const revoked = await relational.transaction(async (transaction) => {
        const key = await administeredKey(transaction, { by, tenantId, keyId });
        if (key.revokedAt !== null) return key;
        await createApiKeys(transaction).revoke(tenantId, keyId, at);
        const event = { at, actor: by.keyId, action: 'api_key.revoke', target: keyId, details: {} } as const;
        await createAudit(transaction).record(tenantId, event);
        return { ...key, revokedAt: at };
      });
      await records.changed(keyId);
      return revoked;
    },
    async rotate(by, keyId, options = {}) {
      const tenantId = await tenantOfKey(relational.db, { by, keyId, givenTenant: options.tenantId });
      const graceSeconds = checkedGrace(options.graceSeconds ?? 0);
      const at = clock.now();
      const issued = await relational.transaction(async (transaction) => {
        const old = await administeredKey(transaction, { by, tenantId, keyId });
        if (old.revokedAt !== null || (old.expiresAt ?? Infinity) <= at) {
          throw new AppError('conflict', `cannot rotate key ${keyId}: it can no longer be used`);
        }
        const keys = createApiKeys(transaction);
        if (graceSeconds === 0) await keys.revoke(tenantId, keyId, at);
        else await keys.expireBy(tenantId, keyId, at + graceSeconds * SECOND_MS);
        const fresh = await issueKey(transaction, { pepper, at, key: { ...old, rotatedFrom: keyId } });
        const details = { new_key_id: fresh.keyId, grace_seconds: graceSeconds };
        const event = { at, actor: by.keyId, action: 'api_key.rotate', target: keyId, details } as const;
        await createAudit(transaction).record(tenantId, event);
        return fresh;
      });
      await records.changed(keyId);
      return issued;
    },
  };
}

async function clusterOf(db: Database, of: { tenantId: string; clusterName: string; at: number }): Promise<string> {
  return (await createClusters(db).resolve(of.tenantId, of.clusterName, of.at)).id;
}

/** An operator may name a key alone: its tenant is looked up. */
async function tenantOfKey(
  db: Database,
  { by, keyId, givenTenant }: { by: Principal; keyId: string; givenTenant: string | undefined },
): Promise<string> {
  const tenantId = administeredTenant(by, givenTenant);
  if (givenTenant !== undefined || !hasScope(by, 'operator')) return tenantId;
  return (await createApiKeys(db).find(keyId))?.tenantId ?? tenantId;
}

async function administeredKey(
  db: Database,
  { by, tenantId, keyId }: { by: Principal; tenantId: string; keyId: string },
): Promise<ApiKey> {
  const key = await createApiKeys(db).lock(tenantId, keyId);
  if (!key) throw new AppError('not_found', `there is no API key ${keyId}`);
  if (key.scopes.includes('operator')) requireScope(by, 'operator');
  return key;
}

function checkedGrace(seconds: number): number {
  if (Number.isSafeInteger(seconds) && seconds >= 0 && seconds <= GRACE_SECONDS_MAX) return seconds;
  throw new AppError('invalid_request', `a grace period is 0 to ${GRACE_SECONDS_MAX} whole seconds, not ${seconds}`);
}
