import { LEDGER_CURRENCY } from '../core/currency.ts';
import type { ExchangeRates } from '../store/relational/exchange-rates.ts';
import { type CurrencyParams, convertedSum, currencyParams } from './currency.ts';

/** What costs are asked in. */
export interface Priced {
  readonly tenant: string;
  /** A code of ISO 4217 in capitals; US dollars where nothing is said. */
  readonly currency?: string | undefined;
}

const SUM = /\{\{sum ([^}]+)\}\}/g;

/**
 * Puts sums of money where `{{sum <cost>}}` stands, each day's cost by the rate of that day; of US dollars, sums as they are.
 * `day` is SQL of type `Date`. What is put in is bound to `ratesOf` of the same question.
 */
export function moneySums(sql: string, { currency = LEDGER_CURRENCY }: Pick<Priced, 'currency'>, day: string): string {
  const sumOf = currency === LEDGER_CURRENCY ? plainSum : (cost: string) => convertedSum(cost, day);
  return sql.replaceAll(SUM, (_, cost: string) => sumOf(cost));
}

function plainSum(cost: string): string {
  return `sum(${cost})`;
}

/** The rates of all days of the hours; nothing of US dollars. @throws AppError `invalid_request` for a day without a rate */
export async function ratesOf(
  rates: Pick<ExchangeRates, 'list'>,
  { tenant, currency = LEDGER_CURRENCY }: Priced,
  hours: { start: number; end: number },
): Promise<CurrencyParams | Record<string, never>> {
  return currency === LEDGER_CURRENCY ? {} : currencyParams(rates, { tenant, currency, ...hours });
}
