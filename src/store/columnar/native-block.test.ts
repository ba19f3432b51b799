import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyDatabase, type TestDatabase } from '../../../test/support/engine.ts';
import { parseMoney } from '../../lib/money.ts';
import { encodeNative } from './native-block.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await emptyDatabase();
});
afterAll(() => database.close());

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const integer = fc.oneof(fc.maxSafeInteger(), fc.bigInt(INT64));
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 }); // 1970 to 2100
const pico = fc.bigInt({ min: -(10n ** 18n - 1n), max: 10n ** 18n - 1n });
const text = fc.oneof(
  fc.constantFrom('default', 'kube-system'), // runs of equal texts have a path of their own
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary-ascii', maxLength: 300 }),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const ARBITRARIES: Record<string, fc.Arbitrary<unknown>> = {
  String: text,
  Bool: fc.boolean(),
  UUID: fc.uuid(),
  Int64: integer,
  UInt64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  Date: fc.integer({ min: 0, max: 65_535 }),
  'DateTime64(3)': instant,
  'Decimal(18, 12)': pico,
  'Nullable(String)': maybe(text),
  'Nullable(Bool)': maybe(fc.boolean()),
  'Nullable(UUID)': maybe(fc.uuid()),
  'Nullable(Int64)': maybe(integer),
  'Nullable(DateTime64(3))': maybe(instant),
  'Nullable(Decimal(18, 12))': maybe(pico),
};

/** What the engine says of a value, in a form that hides nothing: texts by their bytes, instants by their number. */
const readBack = (column: string, type: string) => {
  if (type.includes('DateTime64')) return `toUnixTimestamp64Milli(${column})`;
  if (type === 'Date') return `toString(toUInt16(${column}))`;
  return type.includes('String') ? `hex(${column})` : column;
};
const seen = (type: string, value: unknown) =>
  type.includes('Decimal') && typeof value === 'string' ? String(parseMoney(value)) : value;
const expected = (type: string, value: unknown) => {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string' && type.includes('String')) return Buffer.from(value).toString('hex').toUpperCase();
  return `${value as string | number | bigint}`;
};

test.each(Object.entries(ARBITRARIES))(
  'what goes in as %s comes out of the engine unchanged',
  async (type, arbitrary) => {
    const { columnar } = database;
    await columnar.command({ sql: `CREATE OR REPLACE TABLE trip (n Int64, v ${type}) ENGINE = Memory` });
    await fc.assert(
      fc.asyncProperty(fc.array(arbitrary, { maxLength: 300 }), async (values) => {
        await columnar.command({ sql: 'TRUNCATE TABLE trip' });
        const rows = values.length;
        const block = encodeNative(
          [
            { name: 'v', type, values },
            { name: 'n', type: 'Int64', values: values.map((_, n) => n) },
          ],
          rows,
        );
        await columnar.insertNative('trip', block);
        const got = await columnar.rows<{ v: unknown }>({
          sql: `SELECT ${readBack('v', type)} AS v FROM trip ORDER BY n`,
        });
        expect(got.map(({ v }) => seen(type, v))).toEqual(values.map((value) => expected(type, value)));
      }),
      { numRuns: 12 },
    );
  },
);

test('a value that is not of its type is refused by name, and never written as another', () => {
  const f = (type: string, value: unknown, words: RegExp) =>
    expect(() => encodeNative([{ name: 'c', type, values: [value] }], 1), `${type} ${String(value)}`).toThrow(words);
  f('Int64', 1.5, /column c: 1\.5 is not a whole number/);
  f('Int64', 2 ** 53, /whole number/);
  f('Int64', Number.NaN, /whole number/);
  f('Int64', Number.POSITIVE_INFINITY, /whole number/);
  f('Int64', '7', /not a number/);
  f('Int64', null, /not a number/);
  f('Int64', 2n ** 63n, /64 bits/);
  f('Nullable(Int64)', undefined, /not a number/);
  f('String', 7, /not a string/);
  f('String', null, /not a string/);
  f('Bool', 1, /not a boolean/);
  f('UUID', 'not-a-uuid', /not a UUID/);
  f('UUID', null, /not a UUID/);
  f('Date', '2026-01-01', /is not a number of days/);
  f('Date', 65_536, /is not a number of days/);
  f('UInt64', -1n, /unsigned/);
  f('UInt64', 1, /unsigned/);
  f('Float32', 1, /cannot write the type Float32/);
});

test('columns of unequal lengths are refused', () => {
  expect(() => encodeNative([{ name: 'c', type: 'Bool', values: [true] }], 2)).toThrow(/column c has 1 values, not 2/);
});

test('a block without rows is no bytes at all, and inserting it does nothing', async () => {
  const block = encodeNative([{ name: 'n', type: 'Int64', values: [] }], 0);
  expect(block).toHaveLength(0);
  await database.columnar.insertNative('no_such_table', block);
});
