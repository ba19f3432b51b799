import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../lib/clock.ts';
import { addMoney, formatMoney, parseMoney } from '../lib/money.ts';
import {
  CONVERTED_DAYS_MAX,
  convertMoney,
  currencyCode,
  dayRates,
  formatPerUsd,
  parseDay,
  parsePerUsd,
  RATE_PARTS,
} from './currency.ts';

const FIRST = Date.UTC(2026, 0, 1);

test('an amount is converted exactly, and rounded once to the nearest 1e-12, halves away from zero', () => {
  const f = (amount: string, rate: string, want: string) =>
    expect(formatMoney(convertMoney(parseMoney(amount), parsePerUsd(rate))), `${amount} at ${rate}`).toBe(want);
  f('100', '0.917431193', '91.7431193');
  f('1', '155.25', '155.25');
  f('0.000000000001', '0.5', '0.000000000001');
  f('-0.000000000001', '0.5', '-0.000000000001');
  f('0.000000000001', '0.499999999', '0');
  f('999999.999999999999', '1', '999999.999999999999');
});

test('converting at one unit per dollar changes nothing, and there and back is within half a unit of the rate', () => {
  const money = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }).map((pico) => parseMoney(`${pico}e-12`));
  fc.assert(fc.property(money, (amount) => convertMoney(amount, RATE_PARTS) === amount));
  fc.assert(
    fc.property(money, money, fc.bigInt({ min: 1n, max: 10n ** 12n }), (a, b, rate) => {
      const apart = convertMoney(a, rate) + convertMoney(b, rate);
      const together = convertMoney(addMoney(a, b), rate);
      expect(apart - together).toBeGreaterThanOrEqual(-1n);
      expect(apart - together).toBeLessThanOrEqual(1n);
    }),
  );
});

test('a rate is read to nine decimals and shown as it was given', () => {
  for (const text of ['0.917431193', '155.25', '1', '0.000000001', '999999999']) {
    expect(formatPerUsd(parsePerUsd(text))).toBe(text);
  }
  for (const wrong of ['0', '-1', '1000000000', 'x', '', '1e400', '0.0000000001']) {
    expect(() => parsePerUsd(wrong), wrong).toThrow('is no rate');
  }
});

describe('the days of a window', () => {
  const rates = [
    { effectiveOn: FIRST + 2 * DAY_MS, perUsd: 3n },
    { effectiveOn: FIRST, perUsd: 2n },
  ];
  const window = (start: number, end: number) => ({ currency: 'EUR', start, end });

  test('each has the latest rate that is effective by then, days that are cut included', () => {
    const found = dayRates(rates, window(FIRST + DAY_MS + HOUR_MS, FIRST + 3 * DAY_MS + 1));
    expect(found).toEqual([
      { day: FIRST + DAY_MS, perUsd: 2n },
      { day: FIRST + 2 * DAY_MS, perUsd: 3n },
      { day: FIRST + 3 * DAY_MS, perUsd: 3n },
    ]);
  });

  test('before the first rate, and beyond the most that is converted, are refused by name', () => {
    expect(() => dayRates(rates, window(FIRST - 1, FIRST + 1))).toThrow('no rate of EUR for 2025-12-31');
    expect(() => dayRates(rates, window(FIRST, FIRST + (CONVERTED_DAYS_MAX + 1) * DAY_MS))).toThrow(
      `cannot convert ${CONVERTED_DAYS_MAX + 1} days at once; at most ${CONVERTED_DAYS_MAX}`,
    );
  });
});

test('codes and days are what they are, or refused', () => {
  expect(currencyCode(' eur ')).toBe('EUR');
  for (const wrong of ['EURO', 'E1R', '', '€']) expect(() => currencyCode(wrong)).toThrow('is no currency');
  expect(parseDay('2026-02-28')).toBe(Date.UTC(2026, 1, 28));
  for (const wrong of ['2026-02-30', '2026-2-3', '2026-01-01T00:00:00Z', '']) expect(parseDay(wrong)).toBeUndefined();
});
