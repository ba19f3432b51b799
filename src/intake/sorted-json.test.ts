import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortedJson } from './sorted-json.ts';

test('equal labels are equal bytes, whatever order they came in', () => {
  const entries = fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string()), { selector: ([key]) => key });
  const orders = entries.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(orders, ([one, two]) => sortedJson(Object.fromEntries(one)) === sortedJson(Object.fromEntries(two))),
  );
});

test('what is written reads back as the same labels', () => {
  const f = (labels: Record<string, string>, want: string) => {
    expect(sortedJson(labels)).toBe(want);
    expect(new Map(Object.entries(JSON.parse(want)))).toEqual(new Map(Object.entries(labels)));
  };
  f({}, '{}');
  f({ b: '2', a: '1', B: '3' }, '{"B":"3","a":"1","b":"2"}');
  f({ 10: 'ten', 9: 'nine' }, '{"10":"ten","9":"nine"}');
  f({ 'a"b': 'c\\d', é: '日本' }, '{"a\\"b":"c\\\\d","é":"日本"}');
  f(JSON.parse('{"__proto__": "x"}'), '{"__proto__":"x"}');
});
