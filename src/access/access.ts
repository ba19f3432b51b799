import type { Clock } from '../lib/clock.ts';
import type { Cache } from '../store/cache/cache.ts';
import { createApiKeys } from '../store/relational/api-keys.ts';
import type { Relational } from '../store/relational/relational.ts';
import { createTenants } from '../store/relational/tenants.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { type CurrencyAdmin, createCurrencyAdmin } from './currency-admin.ts';
import { createKeyAdmin, type KeyAdmin } from './key-admin.ts';
import { createKeyRecords, usableCache } from './key-records.ts';
import { createPriceAdmin, type PriceAdmin } from './price-admin.ts';
import { checkedPepper, type Pepper } from './secret.ts';
import { createTenantAdmin, type TenantAdmin } from './tenant-admin.ts';

/** Who may do what: everything about keys, tenants and prices that asks who is calling. */
export interface Access {
  readonly authenticator: Authenticator;
  readonly accounts: Accounts;
  readonly keys: KeyAdmin;
  readonly tenants: TenantAdmin;
  readonly prices: PriceAdmin;
  readonly currencies: CurrencyAdmin;
}

/** `cache` is used where a change reaches every replica at once, and ignored elsewhere. Throws `invalid_config`. */
export function createAccess(deps: {
  relational: Relational;
  cache: Cache;
  pepper: Pepper;
  clock: Clock;
  /** At most `CACHED_MS_MAX`, which is also the default. */
  cachedMsMax?: number;
}): Access {
  const { relational, clock } = deps;
  const pepper = checkedPepper(deps.pepper);
  const apiKeys = createApiKeys(relational.db);
  const cache = usableCache(deps.cache, relational.capabilities);
  const cachedMsMax = deps.cachedMsMax === undefined ? {} : { cachedMsMax: deps.cachedMsMax };
  const records = createKeyRecords({ apiKeys, cache, clock, ...cachedMsMax });
  return {
    authenticator: createAuthenticator({ records, apiKeys, pepper, clock }),
    accounts: createAccounts({ tenants: createTenants(relational.db), apiKeys, clock }),
    keys: createKeyAdmin({ relational, records, pepper, clock }),
    tenants: createTenantAdmin({ relational, pepper, clock }),
    prices: createPriceAdmin({ relational, clock }),
    currencies: createCurrencyAdmin({ relational, clock }),
  };
}
