import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAmount, type Scale } from './amount.ts';

test('an amount is the exact decimal in its small unit, a half rounded up', () => {
  const f = (text: string, scale: Scale, want: number) =>
    expect(parseAmount(text, scale), `${text} × ${scale}`).toBe(want);
  f('51.626897', 1_000_000, 51_626_897);
  f('36.000000', 1_000_000, 36_000_000);
  f('0', 1_000_000, 0);
  f('4', 1_000_000, 4_000_000);
  f('1172.8799999999999', 1_000_000, 1_172_880_000); // a float that Python printed
  f('0.0000005', 1_000_000, 1);
  f('0.00000049', 1_000_000, 0);
  f('354808627200.000000', 1, 354_808_627_200);
  f('659873739438.78', 1, 659_873_739_439);
  f('240141724876800.000000', 1, 240_141_724_876_800);
  f('1e-05', 1_000_000, 10);
  f('1.5E+10', 1, 15_000_000_000);
  f('80.5', 1_048_576, 84_410_368);
  f('1000000000000', 1_000_000, 1e18);
  f('90071992547409910', 1, 90_071_992_547_409_900); // beyond 2^53: the nearest float
});

test('what is no amount, or an absurd one, is none', () => {
  for (const text of [
    '',
    ' ',
    '-1',
    '-0.5',
    'NaN',
    '+Inf',
    'Infinity',
    '1,5',
    '0x10',
    '1e',
    'e5',
    '.5',
    '1_0',
    '1e999',
    '٣',
  ]) {
    expect(parseAmount(text, 1), text).toBeNaN();
  }
  expect(parseAmount('1000000000000000001000', 1)).toBeNaN();
  expect(parseAmount('1000000000000.1', 1_000_000)).toBeNaN();
  expect(parseAmount('9'.repeat(200), 1)).toBeNaN();
});

test('whatever an operator prints is read back to the last digit', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (micros) => {
      const text = `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`;
      expect(parseAmount(text, 1_000_000)).toBe(micros);
    }),
  );
});
