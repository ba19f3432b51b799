import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatBytes,
  formatNanocores,
  parseBytes,
  parseNanocores,
  parseQuantity,
  QUANTITY_LENGTH_MAX,
} from './quantity.ts';

test('every form of the Kubernetes grammar is read exactly, in nano-units', () => {
  const f = (text: string, want: bigint) => expect(parseQuantity(text), text).toBe(want);
  f('0', 0n);
  f('1', 1_000_000_000n);
  f('+1', 1_000_000_000n);
  f('-1', -1_000_000_000n);
  f('5.', 5_000_000_000n);
  f('.5', 500_000_000n);
  f('0.5', 500_000_000n);
  f('-.25', -250_000_000n);
  f('1n', 1n);
  f('1u', 1_000n);
  f('250m', 250_000_000n);
  f('0.1m', 100_000n);
  f('1k', 10n ** 12n);
  f('1M', 10n ** 15n);
  f('1G', 10n ** 18n);
  f('1T', 10n ** 21n);
  f('1P', 10n ** 24n);
  f('1E', 10n ** 27n);
  f('1Ki', 1024n * 10n ** 9n);
  f('1.5Mi', 1_572_864n * 10n ** 9n);
  f('1Gi', 2n ** 30n * 10n ** 9n);
  f('1Ti', 2n ** 40n * 10n ** 9n);
  f('1Pi', 2n ** 50n * 10n ** 9n);
  f('1Ei', 2n ** 60n * 10n ** 9n);
  f('1e3', 10n ** 12n);
  f('1E3', 10n ** 12n);
  f('1e+3', 10n ** 12n);
  f('1.25e2', 125n * 10n ** 9n);
  f('12e-9', 12n);
});

test('what is finer than 1e-9 is rounded away from zero, as Kubernetes does', () => {
  const f = (text: string, want: bigint) => expect(parseQuantity(text), text).toBe(want);
  f('0.1n', 1n);
  f('1.0000000001', 1_000_000_001n);
  f('-0.1n', -1n);
  f('1e-30', 1n);
});

test('CPU is nanocores and memory whole bytes, rounded up', () => {
  const f = (text: string, nanocores: number, bytes: number) =>
    expect([parseNanocores(text), parseBytes(text)], text).toEqual([nanocores, bytes]);
  f('2', 2e9, 2);
  f('250m', 250e6, 1);
  f('1500m', 1.5e9, 2);
  f('0.5', 5e8, 1);
  f('1Ki', 1024e9, 1024);
  f('-250m', -250e6, -1);
  f('1e3', 1e12, 1000);
  expect(parseBytes('128Mi')).toBe(134_217_728);
  expect(parseBytes('0.1Ki')).toBe(103);
  expect(parseBytes('4Pi')).toBe(2 ** 52);
});

test('what is not a quantity, or too long or too large to be one, is refused by a RangeError that names it', () => {
  const bad = [
    '',
    ' ',
    '1 ',
    ' 1',
    '.',
    '+',
    '-',
    'm',
    '1K',
    '1ki',
    '1mi',
    '1mm',
    '1e',
    '1e1.5',
    '1e3Ki',
    '0x10',
    '1_0',
  ];
  for (const text of [...bad, 'NaN', 'Infinity', '1,5', '--1', '１', '1e31', '1e-31', '1e999999999999']) {
    expect(() => parseQuantity(text), text).toThrow(RangeError);
    expect(() => parseQuantity(text), text).toThrow(JSON.stringify(text).slice(1, -1));
  }
  expect(() => parseQuantity('1'.repeat(QUANTITY_LENGTH_MAX + 1))).toThrow('65 characters; at most 64');
  expect(() => parseBytes('8Pi')).toThrow('2^53');
  expect(() => parseNanocores('10M')).toThrow('2^53');
});

test('no text makes the reader throw anything but a RangeError, nor return an unsafe number', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[+-]?\d{0,20}\.?\d{0,12}([numkMGTPE]i?|[eE][+-]?\d{0,3})?$/));
  fc.assert(
    fc.property(text, (text) => {
      for (const parse of [parseNanocores, parseBytes]) {
        try {
          expect(Number.isSafeInteger(parse(text))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('the short cut for plain whole numbers agrees with the exact reader', () => {
  const suffix = fc.constantFrom('', 'm', 'Ki', 'Mi', 'Gi');
  fc.assert(
    fc.property(fc.nat(999_999), suffix, (whole, suffix) => {
      const nano = parseQuantity(`${whole}${suffix}`);
      if (nano <= Number.MAX_SAFE_INTEGER) expect(BigInt(parseNanocores(`${whole}${suffix}`))).toBe(nano);
      expect(BigInt(parseBytes(`${whole}${suffix}`))).toBe((nano + 999_999_999n) / 1_000_000_000n);
    }),
  );
});

test('what is written is read back exactly', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (amount) => {
      expect(parseNanocores(formatNanocores(amount))).toBe(amount);
      expect(parseBytes(formatBytes(amount))).toBe(amount);
    }),
  );
  expect([0, 2e9, 250e6, 1500, 7].map(formatNanocores)).toEqual(['0', '2', '250m', '1500n', '7n']);
  expect([0, 2 ** 34, 2 ** 27, 4096, 1000].map(formatBytes)).toEqual(['0', '16Gi', '128Mi', '4Ki', '1000']);
});
