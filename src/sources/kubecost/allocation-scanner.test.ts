import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AllocationScanner, type Found, ScanError } from './allocation-scanner.ts';

const BYTES_MAX = 1_000;

/** What is found where the answer comes in pieces that end at `cuts`. */
function scan(text: string, cuts: readonly number[] = [], bytesMax = BYTES_MAX): Found[] {
  const bytes = Buffer.from(text);
  const scanner = new AllocationScanner(bytesMax);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  const found = ends.flatMap((end, i) => scanner.read(bytes.subarray(ends[i - 1] ?? 0, end)));
  scanner.finish();
  return found;
}

const allocation = (set: number, key: string, text: string | null): Found => ({ kind: 'allocation', set, key, text });
const end = (set: number): Found => ({ kind: 'set', set });
const field = (name: string, value: unknown): Found => ({ kind: 'field', name, value });

test('data is a list of sets, one set, or nothing; sets and allocations may be empty or null', () => {
  const f = (text: string, want: Found[]) => expect(scan(text), text).toEqual(want);
  f('{"data":[{"a":{"x":1},"b":{}},{}]}', [allocation(0, 'a', '{"x":1}'), allocation(0, 'b', '{}'), end(0), end(1)]);
  f('{"data":[null,{"a":{}}]}', [end(0), allocation(1, 'a', '{}'), end(1)]);
  f('{"data":{"a":{"x":[1,{"y":"}"}]}}}', [allocation(0, 'a', '{"x":[1,{"y":"}"}]}'), end(0)]);
  f('{"data":[{"a":null}]}', [end(0)]);
  f('{"data":null,"code":200}', [field('data', null), field('code', 200)]);
  f('{"data":[]}', []);
  f(' {\n"code" : 200 , "data" : [ ] , "message" : "a \\"}] b" }\n', [field('code', 200), field('message', 'a "}] b')]);
  f('{"data":[{"a/\\u00e9\\"/b":{"x":"\\\\"}}]}', [allocation(0, 'a/é"/b', '{"x":"\\\\"}'), end(0)]);
  f('{"data":{"a":5,"b":"x"}}', [allocation(0, 'a', '5'), allocation(0, 'b', '"x"'), end(0)]);
});

test('where an answer is cut into pieces makes no difference', () => {
  const key = fc.string({ unit: 'binary', maxLength: 12 });
  const sets = fc.array(fc.oneof(fc.constant(null), fc.dictionary(key, fc.jsonValue(), { maxKeys: 4 })), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(sets, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (sets, cuts, indented) => {
      const text = JSON.stringify({ code: 200, data: sets, message: 'x' }, null, indented ? 2 : 0);
      const whole = scan(text, [], Number.POSITIVE_INFINITY);
      expect(scan(text, cuts, Number.POSITIVE_INFINITY)).toEqual(whole);
      const read = whole.flatMap((found) =>
        found.kind === 'allocation' ? [[found.set, found.key, JSON.stringify(JSON.parse(found.text ?? ''))]] : [],
      );
      const want = sets.flatMap((set, i) =>
        Object.entries(set ?? {}).flatMap(([key, value]) => (value === null ? [] : [[i, key, JSON.stringify(value)]])),
      );
      expect(read).toEqual(want);
    }),
  );
});

test('an allocation that is too large is told of without its text, and those after it are read', () => {
  const large = JSON.stringify({ x: 'y'.repeat(2 * BYTES_MAX) });
  const want = [allocation(0, 'a', null), allocation(0, 'b', '{}'), end(0)];
  for (const cuts of [[], [500, 1_500], [17]]) expect(scan(`{"data":[{"a":${large},"b":{}}]}`, cuts)).toEqual(want);
});

test('what is no such answer is refused, and what ends too early is told apart', () => {
  const f = (text: string, want: { cut: boolean }) => {
    let error: unknown;
    try {
      scan(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error, text).toBeInstanceOf(ScanError);
    expect(error, text).toMatchObject(want);
  };
  const whole = '{"code":200,"data":[{"a":{"x":1}}]}';
  for (let length = 0; length < whole.length; length += 1) f(whole.slice(0, length), { cut: true });
  const wrong = [
    '<html>',
    '[]',
    'null',
    '{}',
    '{"code":200}',
    '{"data":5}',
    '{"data":"x"}',
    '{"data":[5]}',
    '{"data":[[]]}',
    '{"data":[]}{',
  ];
  const broken = ['{"data":[}', '{data:[]}', '{"data":]}', '{"\\x":1}', '{"code":2x0,"data":[]}'];
  for (const text of [...wrong, ...broken]) f(text, { cut: false });
});

test('bytes of any kind end in what was found or in a ScanError', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .string({ unit: fc.constantFrom(...'{ } [ ] " : , \\ a d 0 null'.split(' ')), maxLength: 80 })
      .map((text) => Buffer.from(`{"data":${text}`)),
  );
  fc.assert(
    fc.property(bytes, (bytes) => {
      const scanner = new AllocationScanner(BYTES_MAX);
      try {
        scanner.read(bytes);
        scanner.finish();
      } catch (error) {
        expect(error).toBeInstanceOf(ScanError);
      }
    }),
    { numRuns: 500 },
  );
});
