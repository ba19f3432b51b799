import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addMoney, parseMoney, portionOf, splitMoney, ZERO } from './money.ts';

const money = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }).map((pico) => parseMoney(`${pico}e-12`));
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
