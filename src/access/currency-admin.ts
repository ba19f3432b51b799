import type { ExchangeRate } from '../core/currency.ts';
import { type Clock, isoDay } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createAudit } from '../store/relational/audit.ts';
import { createExchangeRates, type KnownCurrency } from '../store/relational/exchange-rates.ts';
import type { Relational } from '../store/relational/relational.ts';
import { administeredTenant, type Principal, requireScope } from './principal.ts';

/** The currencies that a tenant's answers can be given in, and their rates. Codes are in capitals. */
export interface CurrencyAdmin {
  /** Needs `read`. */
  list(by: Principal): Promise<KnownCurrency[]>;
  /** Needs `read`. Throws `not_found` where the currency has no rates. */
  rates(by: Principal, currency: string): Promise<ExchangeRate[]>;
  /** Needs `admin`. Adds rates, or replaces those of the same days. Throws `limit_exceeded`. */
  put(by: Principal, request: CurrencyRequest & { rates: readonly ExchangeRate[] }): Promise<void>;
  /** Needs `admin`. Removes the rate of a day, or all. Throws `not_found`. */
  remove(by: Principal, request: CurrencyRequest & { day?: number | undefined }): Promise<void>;
}

export interface CurrencyRequest {
  readonly tenantId?: string | undefined;
  readonly currency: string;
}

export function createCurrencyAdmin({ relational, clock }: { relational: Relational; clock: Clock }): CurrencyAdmin {
  return {
    async list(by) {
      requireScope(by, 'read');
      return createExchangeRates(relational.db).currencies(by.tenantId);
    },
    async rates(by, currency) {
      requireScope(by, 'read');
      const rates = await createExchangeRates(relational.db).list(by.tenantId, currency);
      if (rates.length > 0) return rates;
      throw new AppError('not_found', `there are no rates of ${currency}`, { details: { field: 'currency' } });
    },
    async put(by, { tenantId: givenTenant, currency, rates }) {
      const tenantId = administeredTenant(by, givenTenant);
      const stamp = { at: clock.now(), actor: by.keyId };
      await relational.transaction(async (transaction) => {
        await createExchangeRates(transaction).put(tenantId, currency, rates, stamp);
        const days = rates.map(({ effectiveOn }) => isoDay(effectiveOn)).toSorted();
        const details = { rates: rates.length, first: days[0], last: days.at(-1) };
        await createAudit(transaction).record(tenantId, {
          ...stamp,
          action: 'exchange_rates.put',
          target: currency,
          details,
        });
      });
    },
    async remove(by, { tenantId: givenTenant, currency, day }) {
      const tenantId = administeredTenant(by, givenTenant);
      const stamp = { at: clock.now(), actor: by.keyId };
      const on = day === undefined ? undefined : isoDay(day);
      await relational.transaction(async (transaction) => {
        if (!(await createExchangeRates(transaction).remove(tenantId, currency, day))) {
          throw new AppError('not_found', `there is no rate of ${currency}${on === undefined ? '' : ` on ${on}`}`);
        }
        const details = { day: on ?? 'all' };
        await createAudit(transaction).record(tenantId, {
          ...stamp,
          action: 'exchange_rates.remove',
          target: currency,
          details,
        });
      });
    },
  };
}
