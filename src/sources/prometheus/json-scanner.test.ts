import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonScanner } from './json-scanner.ts';

const scanner = (text: string) => new JsonScanner(Buffer.from(text));

test('a value is read as Number() would read it, to the last bit', () => {
  const f = (text: string, want: number) => expect(scanner(`"${text}"`).quotedNumber(), text).toBe(want);
  f('0', 0);
  f('-0', -0);
  f('1', 1);
  f('0.1', 0.1);
  f('123456789012345', 123456789012345);
  f('9007199254740993', 9007199254740992);
  f('1.7976931348623157e+308', Number.MAX_VALUE);
  f('5e-324', 5e-324);
  f('+Inf', Number.POSITIVE_INFINITY);
  f('-Inf', Number.NEGATIVE_INFINITY);
  f('NaN', Number.NaN);
  const doubles = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer(),
    fc.integer().map((n) => n / 1_000),
  );
  fc.assert(
    fc.property(doubles, (value) => {
      expect(scanner(`"${value}"`).quotedNumber()).toBe(Number(String(value)));
    }),
    { numRuns: 2_000 },
  );
});

test('what is no number is refused, and never becomes one', () => {
  for (const text of ['""', '"."', '"1.2.3"', '"abc"', '"1', '1', '']) {
    expect(() => scanner(text).quotedNumber(), text).toThrow(SyntaxError);
  }
});

test('seconds become whole milliseconds, exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
      expect(scanner(`${ms / 1_000},`).milliseconds()).toBe(ms);
      expect(scanner(`${(ms / 1_000).toFixed(3)},`).milliseconds()).toBe(ms);
    }),
  );
  expect(scanner('1.7e9,').milliseconds()).toBe(1_700_000_000_000);
  expect(scanner('1700000000.1239,').milliseconds()).toBe(1_700_000_000_124);
  expect(scanner('-1,').milliseconds()).toBe(-1_000);
  for (const text of ['"1",', 'null,', ',', '1e300,', '']) {
    expect(() => scanner(text).milliseconds(), text).toThrow(SyntaxError);
  }
});

test('any JSON value is read, and passed over, as JSON.parse would', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = ` ${JSON.stringify(value, null, indent)} , "next"`;
      expect(scanner(text).value()).toEqual(JSON.parse(JSON.stringify(value)));
      const passed = scanner(text);
      passed.skip();
      passed.expect(0x2c);
      expect(passed.string()).toBe('next');
    }),
  );
});
