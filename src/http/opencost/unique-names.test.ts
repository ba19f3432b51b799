import { expect, test } from 'vitest';
import { uniquelyNamed } from './unique-names.ts';

const named = (...names: string[]) =>
  [
    ...uniquelyNamed(
      names.map((name, value) => ({ name: name.replace('!', ''), isSpecial: name.startsWith('!'), value })),
    ),
  ]
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');

test.each([
  ['rows of names of their own keep them', ['a', 'b'], 'a=0, b=1'],
  ['rows of one name are told apart', ['a', 'a', 'b', 'a'], 'a=0, a (2)=1, b=2, a (3)=3'],
  ['a special row keeps its name, wherever it stands', ['__idle__', '!__idle__'], '__idle__ (2)=0, __idle__=1'],
  ['no name that is made is that of another', ['a (2)', 'a', 'a'], 'a (2)=0, a=1, a (3)=2'],
])('%s', (_, names, want) => {
  expect(named(...names)).toBe(want);
});
