import { DAY_MS, dayStart, isoDay } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { formatMoney, type Money, parseMoney, portionOf } from '../lib/money.ts';

/**
 * Money of other currencies. Everything is priced, stored and shared in US dollars; an answer is converted, each day's cost
 * by the rate of that day (UTC). Rates are integers, so the conversion is exact, and rounded once: to the nearest 1e-12,
 * halves away from zero. Amounts that were rounded one by one may differ from their rounded sum in that last digit.
 */
export const LEDGER_CURRENCY = 'USD';

/** What one US dollar is from a day on, until the next rate. */
export interface ExchangeRate {
  /** The day's start, UTC. */
  readonly effectiveOn: number;
  /** In billionths of the other currency's unit. */
  readonly perUsd: bigint;
}

/** Parts of a unit that a rate counts. */
export const RATE_PARTS = 1_000_000_000n;
/** Decimals of a rate: `RATE_PARTS` in the other direction. */
const RATE_DECIMALS = 9;
/** Above any currency's; what `numeric(18, 9)` holds. */
export const PER_USD_MAX = 999_999_999n * RATE_PARTS;
/** Days that one answer may be converted for: more than a ledger of 25 months has. */
export const CONVERTED_DAYS_MAX = 800;
const RATE_PART = parseMoney('0.000000001');

const CODE = /^[A-Z]{3}$/;

/** A code of ISO 4217 in any letters, in capitals. Throws `invalid_request`. */
export function currencyCode(text: string): string {
  const code = text.trim().toUpperCase();
  if (CODE.test(code)) return code;
  throw new AppError('invalid_request', `"${text.slice(0, 20)}" is no currency: three letters, such as EUR`);
}

export function convertMoney(amount: Money, perUsd: bigint): Money {
  return portionOf(amount, perUsd, RATE_PARTS);
}

/** The rate in force at `at`: the latest that is effective by then. `rates` may be in any order. */
export function rateAt(rates: readonly ExchangeRate[], at: number): ExchangeRate | undefined {
  return rates
    .filter(({ effectiveOn }) => effectiveOn <= at)
    .reduce<ExchangeRate | undefined>(
      (best, rate) => (best && best.effectiveOn > rate.effectiveOn ? best : rate),
      undefined,
    );
}

/** A day of a window and its rate. */
export interface DayRate {
  readonly day: number;
  readonly perUsd: bigint;
}

/**
 * The rate of every day (UTC) that the window touches. Throws `invalid_request` where a day has none, which names the first
 * such day, and `window_too_large` beyond `CONVERTED_DAYS_MAX` days.
 */
export function dayRates(
  rates: readonly ExchangeRate[],
  { currency, start, end }: { currency: string; start: number; end: number },
): DayRate[] {
  const first = dayStart(start);
  const days = Math.ceil((end - first) / DAY_MS);
  if (days > CONVERTED_DAYS_MAX) {
    throw new AppError('window_too_large', `cannot convert ${days} days at once; at most ${CONVERTED_DAYS_MAX}`);
  }
  const sorted = rates.toSorted((a, b) => a.effectiveOn - b.effectiveOn).values();
  let next = sorted.next().value;
  let current: ExchangeRate | undefined;
  return Array.from({ length: days }, (_, index) => {
    const day = first + index * DAY_MS;
    while (next && next.effectiveOn <= day) {
      current = next;
      next = sorted.next().value;
    }
    if (current) return { day, perUsd: current.perUsd };
    throw new AppError('invalid_request', `there is no rate of ${currency} for ${isoDay(day)}`, {
      details: { field: 'currency', day: isoDay(day) },
    });
  });
}

/** Reads units per US dollar; digits beyond `RATE_DECIMALS` are rounded. Throws `invalid_request`. */
export function parsePerUsd(input: string | number): bigint {
  const rate = readDecimal(input);
  if (rate !== undefined && rate > 0n && rate <= PER_USD_MAX) return rate;
  const shown = String(input).slice(0, 40);
  throw new AppError(
    'invalid_request',
    `"${shown}" is no rate: units per US dollar, above 0 to 999999999, with at most ${RATE_DECIMALS} decimals`,
  );
}

function readDecimal(input: string | number): bigint | undefined {
  try {
    return (parseMoney(input) + RATE_PART / 2n) / RATE_PART;
  } catch {
    return undefined;
  }
}

export function formatPerUsd(rate: bigint): string {
  return formatMoney(portionOf(RATE_PART, rate, 1n));
}

/** The start of a day that is written as 2026-01-31; undefined when it is none. */
export function parseDay(text: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(at) || isoDay(at) !== text ? undefined : at;
}
