import { type DayRate, dayRates, LEDGER_CURRENCY } from '../core/currency.ts';
import { DAY_MS } from '../lib/clock.ts';
import type { ExchangeRates } from '../store/relational/exchange-rates.ts';

/**
 * Costs of the ledger in another currency, each day's by the rate of that day. A sum is exact until it is rounded, once, to
 * the nearest 1e-12: it does not depend on the grain that served it, nor on how days are cut into hours.
 *
 * Only what is proportional to costs may be converted so, and before costs are shared or sorted.
 */
export interface CurrencyParams {
  /** Days since 1970, and what a dollar is on each of them in billionths. Empty for US dollars. */
  readonly currency_days: readonly number[];
  readonly currency_rates: readonly bigint[];
}

/** US dollars as they are. */
export const NO_CONVERSION: CurrencyParams = { currency_days: [], currency_rates: [] };

export interface ConvertedWindow {
  readonly tenant: string;
  readonly currency: string;
  readonly start: number;
  readonly end: number;
}

/** What `convertedSum` is bound to. Throws what `dayRates` throws. */
export async function currencyParams(
  rates: Pick<ExchangeRates, 'list'>,
  { tenant, currency, start, end }: ConvertedWindow,
): Promise<CurrencyParams> {
  if (currency === LEDGER_CURRENCY) return NO_CONVERSION;
  const stored = await rates.list(tenant, currency, { start, end });
  return boundRates(dayRates(stored, { currency, start, end }));
}

export function boundRates(days: readonly DayRate[]): CurrencyParams {
  return {
    currency_days: days.map(({ day }) => day / DAY_MS),
    currency_rates: days.map(({ perUsd }) => perUsd),
  };
}

/**
 * The sum of a cost column (`Decimal` with twelve decimals) in the currency of `CurrencyParams`: SQL of type
 * `Decimal(38, 12)`. `day` is a column of type `Date`. Days that are not bound are taken as dollars, as all are where none is.
 */
export function convertedSum(column: string, day = 'day'): string {
  const rate = `arrayPushFront({currency_rates:Array(Int64)}, 1000000000)[indexOf({currency_days:Array(UInt16)}, toUInt16(${day})) + 1]`;
  const product = `sum(toInt256(toDecimal128(${column}, 12) * 1000000000000) * ${rate})`;
  const pico = `intDiv(2 * ${product} + if(${product} < 0, -1000000000, 1000000000), 2000000000)`;
  return `CAST(toDecimal256(${pico}, 0) * toDecimal256('0.000000000001', 12) AS Decimal(38, 12))`;
}
