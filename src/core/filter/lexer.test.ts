import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeOracle, readOracle } from '../../../test/support/opencost-oracle.ts';
import { readTokens, type TokenKind } from './lexer.ts';

test('a text is read as words with the positions of their first characters', () => {
  const f = (text: string, want: string) => {
    const { tokens } = readTokens(text);
    expect(tokens.map(({ kind, text: word, position }) => `${position} ${kind} ${word}`.trim()).join(', '), text).toBe(
      want,
    );
  };
  f('', '1 end');
  f(' \n', '3 end');
  f(
    'label[a b] !<~: "x", "y"',
    '1 name label, 6 key a b, 12 operator !<~:, 17 string x, 20 comma ,, 22 string y, 25 end',
  );
  f('(a|b+c)', '1 open (, 2 name a, 3 or |, 4 name b, 5 and +, 6 name c, 7 close ), 8 end');
  f('::!::', '1 operator :, 2 operator :, 3 operator !:, 5 operator :, 6 end');
  f('"a\\" + \'', '1 string a\\, 6 and +, 9 end');
});

const KINDS: Readonly<Record<string, TokenKind>> = {
  $eof: 'end',
  $comma: 'comma',
  $plus: 'and',
  $or: 'or',
  $str: 'string',
  $keyedAccess: 'key',
  $identifier: 'name',
  $filterField: 'name',
  $mapField: 'name',
  $colon: 'operator',
  $bangColon: 'operator',
  $tildeColon: 'operator',
  $bangTildeColon: 'operator',
  $startTildeColon: 'operator',
  $bangStartTildeColon: 'operator',
  $tildeEndColon: 'operator',
  $bangTildeEndColon: 'operator',
  $parenOpen: 'open',
  $parenClose: 'close',
};

const Expected = z.array(z.object({ kind: z.string(), s: z.string().default('') }));
const Table = z.object({ cases: z.array(z.object({ name: z.string(), input: z.string(), expected: Expected })) });

describeOracle('filter_v2_lexer', () => {
  test.each(readOracle('filter_v2_lexer', Table).cases)('the same words: $name', ({ input, expected }) => {
    const { tokens, problems } = readTokens(input);
    expect(problems).toEqual([]);
    expect(tokens.map(({ kind, text }) => [kind, text])).toEqual(expected.map(({ kind, s }) => [KINDS[kind], s]));
  });
});
