import type { Clock } from '../lib/clock.ts';
import { MINUTE_MS } from '../lib/clock.ts';
import { createLru } from '../lib/lru.ts';
import type { ApiKeys } from '../store/relational/api-keys.ts';
import type { Tenants } from '../store/relational/tenants.ts';

/** What can be said of an account before its credentials are looked at: `locked` has no key that could be used. */
export type AccountState = 'unknown' | 'locked' | 'open';

/** Cloud accounts as other products name them: a tenant's id. */
export interface Accounts {
  /** At most a minute old. */
  stateOf(accountId: string): Promise<AccountState>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const REMEMBERED_MS = MINUTE_MS;
const REMEMBERED_MAX = 10_000;

export function createAccounts(deps: {
  tenants: Pick<Tenants, 'get'>;
  apiKeys: Pick<ApiKeys, 'countUsable'>;
  clock: Clock;
}): Accounts {
  const { tenants, apiKeys, clock } = deps;
  const remembered = createLru<{ readonly state: AccountState; readonly until: number }>(REMEMBERED_MAX);

  async function look(id: string): Promise<AccountState> {
    if ((await tenants.get(id)) === undefined) return 'unknown';
    return (await apiKeys.countUsable(id, clock.now())) > 0 ? 'open' : 'locked';
  }

  return {
    async stateOf(accountId) {
      if (!UUID.test(accountId)) return 'unknown';
      const id = accountId.toLowerCase();
      const known = remembered.get(id);
      if (known && known.until > clock.now()) return known.state;
      const state = await look(id);
      remembered.set(id, { state, until: clock.now() + REMEMBERED_MS });
      return state;
    },
  };
}
