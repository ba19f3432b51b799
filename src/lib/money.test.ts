import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addMoney, formatMoney, moneyToNumber, parseMoney, portionOf, splitMoney, ZERO } from './money.ts';

/** Of every size: most of what is drawn evenly up to a trillion would be billions. */
const money = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 24 }))
  .map(([pico, digits]) => parseMoney(`${pico / 10n ** BigInt(digits)}e-12`));
const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 18n }), { minLength: 1, maxLength: 20 });

test('a split gives away exactly the total, to the nearest pico each', () => {
  const f = (total: string, parts: bigint[], want: string[]) =>
    expect(splitMoney(parseMoney(total), parts).map(String), `${total} by ${parts.join()}`).toEqual(want);
  f('0.000000000010', [1n, 1n, 1n], ['3', '4', '3']);
  f('-0.000000000010', [1n, 1n, 1n], ['-3', '-4', '-3']);
  f('0.000000000009', [0n, 0n, 0n], ['3', '3', '3']);
  f('0.000000000009', [0n, 5n, 0n], ['0', '9', '0']);
  f('0', [2n, 3n], ['0', '0']);
  fc.assert(
    fc.property(money, weights, (total, parts) => {
      const split = splitMoney(total, parts);
      expect(split.reduce(addMoney, ZERO)).toBe(total);
      const sum = parts.reduce((a, b) => a + b, 0n);
      if (sum === 0n) return;
      for (const [index, part] of split.entries()) {
        const distance = BigInt(part) * sum - BigInt(total) * (parts[index] ?? 0n);
        expect(distance <= sum && distance >= -sum, `${part} of ${total}`).toBe(true);
      }
    }),
  );
});

test('a portion of everything is everything, and of nothing nothing', () => {
  fc.assert(
    fc.property(money, fc.bigInt({ min: 1n, max: 10n ** 18n }), (amount, whole) => {
      expect(portionOf(amount, whole, whole)).toBe(amount);
      expect(portionOf(amount, 0n, whole)).toBe(0n);
    }),
  );
});

test('an amount is read alike however it is written, and written in one way', () => {
  const f = (text: string, picos: bigint, want = text) => {
    expect(parseMoney(text), text).toBe(picos);
    expect(parseMoney(`${text}e0`), `${text}e0`).toBe(picos);
    expect(formatMoney(parseMoney(text)), text).toBe(want);
  };
  f('0', 0n);
  f('-0', 0n, '0');
  f('000.000000000000', 0n, '0');
  f('0.000000000001', 1n);
  f('-0.000000000001', -1n);
  f('999.999999999999', 999_999_999_999_999n);
  f('1000', 10n ** 15n);
  f('9007.199254740991', 9_007_199_254_740_991n);
  f('-9007.199254740992', -9_007_199_254_740_992n);
  f('8.999999999999', 8_999_999_999_999n);
  f('12.5', 12_500_000_000_000n);
  f('0.0000000000005', 1n, '0.000000000001');
  fc.assert(
    fc.property(money, (amount) => {
      const text = formatMoney(amount);
      expect(text).toMatch(/^(?!-0$)-?(0|[1-9]\d*)(\.\d{0,11}[1-9])?$/);
      expect(parseMoney(text)).toBe(amount);
      expect(parseMoney(`${text}e0`)).toBe(amount);
      expect(moneyToNumber(amount)).toBe(Number(text));
    }),
    { numRuns: 1_000 },
  );
});

test.each(['', '.', '1.', '.5', '-', '--1', '1-', '0x1', '1,5', '1 2', '1.2.3'])('%j is no amount of money', (text) => {
  expect(() => parseMoney(text)).toThrow(RangeError);
});
