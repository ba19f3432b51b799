import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonChunks, LateArray, LateValue, LazyArray, LazyRecord, lateJsonChunks } from './json-text.ts';

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

async function* arriving<T>(members: readonly T[]) {
  for (const member of members) yield await Promise.resolve(member);
}

async function writtenLate(value: unknown): Promise<string> {
  let text = '';
  for await (const chunk of lateJsonChunks(value)) text += chunk;
  return text;
}

test('what comes late is written like what is there, byte for byte', async () => {
  const values = fc.array(fc.jsonValue(), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(values, fc.jsonValue(), async (members, value) => {
      const rows = new LazyArray(() => members);
      const late = {
        head: value,
        absent: undefined,
        sets: new LateArray(arriving([...members, { rows }])),
        known: new LateArray(members),
        total: { sum: new LateValue(() => value) },
      };
      const lazy = { head: value, sets: [...members, { rows }], known: members, total: { sum: value } };
      expect(await writtenLate(late)).toBe(written(lazy));
    }),
  );
});

test('a late value is read when all before it is written', async () => {
  let sum = 0;
  const members = async function* () {
    for (const member of [1, 2, 3]) {
      sum += member;
      yield member;
    }
  };
  const answer = { members: new LateArray(members()), sum: new LateValue(() => sum) };
  expect(await writtenLate(answer)).toBe('{"members":[1,2,3],"sum":6}');
});
