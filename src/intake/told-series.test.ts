import { expect, test } from 'vitest';
import { ToldSeries } from './told-series.ts';

test('what was told is known, in its own scope alone', () => {
  const told = new ToldSeries();
  told.add('today', [1n, 2n]);
  told.add('today', [2n, 3n]);
  expect([1n, 2n, 3n, 4n].map((id) => told.has('today', id))).toEqual([true, true, true, false]);
  expect(told.has('tomorrow', 1n)).toBe(false);
});

test('the scope begun longest ago is forgotten first, and the bound holds', () => {
  const told = new ToldSeries(3);
  told.add('monday', [1n, 2n]);
  told.add('tuesday', [1n]);
  told.add('monday', [2n]);
  expect(told.has('monday', 1n)).toBe(true);
  told.add('tuesday', [2n]);
  expect([told.has('monday', 1n), told.has('tuesday', 1n), told.has('tuesday', 2n)]).toEqual([false, true, true]);
});
