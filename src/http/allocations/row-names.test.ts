import { expect, test } from 'vitest';
import { openCostName, rowName } from './row-names.ts';

test('a row goes by its values, by what is special of it, or by the word that asks for one row of everything', () => {
  const f = (kind: Parameters<typeof rowName>[0]['kind'], values: readonly string[], want: string, theirs = want) =>
    expect([rowName({ kind, values }), openCostName({ kind, values })]).toEqual([want, theirs]);
  f('allocation', ['shop', 'web'], 'shop/web');
  f('allocation', ['shop', ''], 'shop/__unallocated__');
  f('allocation', [''], '__unallocated__');
  f('allocation', [], 'all', '');
  f('idle', [], '__idle__');
  f('idle', ['east'], 'east/__idle__');
  f('other', [], '__other__');
});
