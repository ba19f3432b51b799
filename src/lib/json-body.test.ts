import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEPTH_MAX, parseJsonBody } from './json-body.ts';

const refusal = (text: string | Uint8Array) => {
  try {
    return parseJsonBody(Buffer.from(text));
  } catch (error) {
    return String(error);
  }
};

test('what is JSON comes out as JSON has it', () => {
  const json = fc.jsonValue().map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(json, (text) => {
      fc.pre(!text.includes('__proto__'));
      expect(parseJsonBody(Buffer.from(text))).toEqual(JSON.parse(text));
    }),
  );
  expect(parseJsonBody(Buffer.from('\ufeff{"constructor":"x","\\u0061":null}'))).toEqual({ constructor: 'x', a: null });
});

test.each([
  ['{"__proto__":{"a":1}}', 'a member called __proto__'],
  ['[null,{"a":{"\\u005f_proto__":1}}]', 'a member called __proto__'],
  ['{"a":[1,{"constructor":{"prototype":{}}}]}', 'a member called constructor.prototype'],
  ['['.repeat(DEPTH_MAX + 1), `nests deeper than ${DEPTH_MAX}`],
  ['{"a":', 'is not JSON'],
  ['', 'is not JSON'],
  [Buffer.from([0x22, 0xff, 0x22]), 'is not UTF-8'],
])('a body is refused in words: %s', (text, words) => {
  expect(refusal(text)).toContain(words);
});
