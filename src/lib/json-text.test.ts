import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonChunks, LazyArray, LazyRecord } from './json-text.ts';

const written = (value: unknown) => [...jsonChunks(value)].join('');

test('what is written is what JSON.stringify writes, whatever the value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(written(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('lazy arrays and objects are written like eager ones, empty or not, under any name', () => {
  const entries = fc.array(fc.tuple(fc.string(), fc.jsonValue()), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 4 }), entries, (members, named) => {
      const lazy = { a: new LazyArray(() => members), b: [new LazyRecord(() => named)], c: 1, d: undefined };
      const eager = { a: members, b: [Object.fromEntries(named)], c: 1 };
      expect(JSON.parse(written(lazy))).toEqual(JSON.parse(JSON.stringify(eager)));
    }),
  );
});

test('members are made as they are written: a reader that stops has no more of them made', () => {
  let made = 0;
  const members = function* () {
    for (let index = 0; index < 1_000_000; index += 1) {
      made += 1;
      yield 'x'.repeat(100);
    }
  };
  const [first] = jsonChunks({ rows: new LazyArray(members) });
  expect(first?.length).toBeGreaterThan(64 * 1_024);
  expect(made).toBeLessThan(1_000);
});
