import { expect, test } from 'vitest';
import { nearestWord } from './nearest-word.ts';

test('the nearest candidate is named, and none when all are far', () => {
  const f = (word: string, candidates: string[], want: string | undefined) =>
    expect(nearestWord(word, candidates), word).toBe(want);
  f('prot', ['host', 'port'], 'port');
  f('namspace', ['cluster', 'namespace', 'node'], 'namespace');
  f('NAMESPACE', ['namespace'], 'namespace');
  f('zebra', ['host', 'port'], undefined);
  f('', ['a'], undefined);
  f('x', [], undefined);
  f('x'.repeat(100_000), ['x'], undefined);
});
