import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatExactUsd, formatUsd, parseUsd, shareOf, sumUsd, usdToNumber } from './money.ts';

const pico = () => fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });

test('an amount is shown with the digits a person can use', () => {
  const f = (text: string, want: string) => expect(formatUsd(parseUsd(text)), text).toBe(want);
  f('0', '$0.00');
  f('1234.56', '$1,234.56');
  f('1234.565', '$1,234.57');
  f('0.004249', '$0.0042');
  f('0.42', '$0.42');
  f('0.01', '$0.01');
  f('0.00995', '$0.0100');
  f('0.000001', '$0.0000010');
  f('0.000000999999', '<$0.000001');
  f('-3.1', '−$3.10');
  f('-0.0000000001', '−<$0.000001');
  f('99999.994', '$99,999.99');
  f('250000.4', '$250,000');
  f('12345678.9', '$12,345,679');
});

test('the exact amount keeps every digit and at least cents', () => {
  const f = (text: string, want: string) => expect(formatExactUsd(parseUsd(text)), text).toBe(want);
  f('0.133333333333', '$0.133333333333');
  f('1200', '$1,200.00');
  f('-0.5', '−$0.50');
  f('100.000000000010', '$100.00000000001');
});

test('text that is not an exact amount is refused', () => {
  for (const text of ['', 'NaN', '1e3', '.5', '1.', '0.1234567890123', '1,000', '$1']) {
    expect(() => parseUsd(text), text).toThrow(RangeError);
  }
});

test('a sum does not depend on its order, and tenths add up', () => {
  expect(sumUsd(['0.1', '0.2'].map(parseUsd))).toBe(parseUsd('0.3'));
  fc.assert(
    fc.property(fc.array(pico()), (amounts) => {
      expect(sumUsd(amounts)).toBe(sumUsd(amounts.toReversed()));
    }),
  );
});

test('exact text is read back as the same amount', () => {
  fc.assert(
    fc.property(pico(), (amount) => {
      const text = formatExactUsd(amount).replace('−', '-').replace('$', '').replaceAll(',', '');
      expect(parseUsd(text)).toBe(amount);
    }),
  );
});

test('a share of nothing is nothing, and signs carry through', () => {
  expect(shareOf(5n, 0n)).toBe(0);
  expect(shareOf(1n, 4n)).toBe(0.25);
  expect(shareOf(-1n, 4n)).toBe(-0.25);
  expect(usdToNumber(parseUsd('12.5'))).toBe(12.5);
});
