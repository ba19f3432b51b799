import { type PriceRates, ratesOf } from '../../../core/price-rates.ts';
import { type Money, parseMoney } from '../../../lib/money.ts';
import type { StoredApiKey } from '../api-keys.ts';
import type { Relational } from '../relational.ts';
import { createTenants, type Tenant } from '../tenants.ts';

/** The store under test, once it is open. */
export type Store = () => Relational;

export const NOW = Date.UTC(2026, 0, 31, 12, 34, 56, 789);

export function newTenant(store: Store): Promise<Tenant> {
  return createTenants(store().db).create(`tenant ${crypto.randomUUID()}`, NOW);
}

export function newKey(some: Partial<StoredApiKey>): Omit<StoredApiKey, 'tenantId' | 'revokedAt' | 'lastUsedAt'> {
  return {
    keyId: crypto.randomUUID(),
    clusterId: null,
    name: 'a key',
    scopes: ['read'],
    createdAt: NOW,
    expiresAt: null,
    rotatedFrom: null,
    salt: crypto.getRandomValues(new Uint8Array(16)),
    secretHash: crypto.getRandomValues(new Uint8Array(32)),
    ...some,
  };
}

export function newVersion(effectiveFrom: number) {
  const rates = sameRates(parseMoney('0.01'));
  const scope = { clusterId: null, effectiveFrom, note: '', createdAt: NOW, createdBy: 'test' };
  return { ...scope, base: 'default' as const, rates, storageClasses: {}, rules: [] };
}

export function sameRates(rate: Money): PriceRates {
  return ratesOf(() => rate);
}
