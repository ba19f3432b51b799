import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_AMOUNTS, NO_TRAFFIC } from '../../core/allocation/amounts.ts';
import { NO_COSTS, NO_IDLE } from '../../core/allocation/costs.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { addMoney, type Money, parseMoney, ZERO } from '../../lib/money.ts';
import type { AllocationRow, AllocationSet } from '../../queries/allocations.ts';
import { foldTop, type ShownRow } from './fold-top.ts';
import { rowName } from './row-names.ts';
import { totalOf } from './shares.ts';

function row(name: string, pico: number, kind: AllocationRow['kind'] = 'allocation'): AllocationRow {
  const cost = parseMoney(`${pico}e-12`);
  return {
    kind,
    values: kind === 'allocation' ? [name] : [],
    common: { cluster: 'east', namespace: name, controllerKind: '', controller: '' },
    labels: {},
    start: 0,
    end: HOUR_MS,
    amounts: { ...NO_AMOUNTS, cpuCoreSeconds: pico },
    adjustments: NO_COSTS,
    traffic: NO_TRAFFIC,
    costs: { ...NO_COSTS, cpu: cost },
    idle: NO_IDLE,
    shared: ZERO,
  };
}

const setOf = (rows: AllocationRow[], index: number): AllocationSet => ({
  window: { start: index * HOUR_MS, end: (index + 1) * HOUR_MS },
  rows,
});
const totalOfRows = (rows: readonly ShownRow[]): Money => rows.map(totalOf).reduce(addMoney, ZERO);
const namesOf = (rows: readonly ShownRow[]) => rows.map(rowName).toSorted();

const sets = fc
  .array(
    fc.uniqueArray(
      fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e', ''), pico: fc.integer({ min: -9, max: 1_000_000 }) }),
      { selector: ({ name }) => name, maxLength: 6 },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((all) =>
    all.map((rows, index) => setOf([...rows.map(({ name, pico }) => row(name, pico)), row('', 7, 'idle')], index)),
  );

test('what is folded and what is not add up to what there was, exactly, in each set', () => {
  fc.assert(
    fc.property(sets, fc.integer({ min: 1, max: 6 }), (all, top) => {
      for (const [index, { rows }] of foldTop(all, top).entries()) {
        const before = all[index]?.rows ?? [];
        expect(totalOfRows(rows)).toBe(totalOfRows(before));
        const amounts = (some: readonly ShownRow[]) => some.reduce((sum, one) => sum + one.amounts.cpuCoreSeconds, 0);
        expect(amounts(rows)).toBe(amounts(before));
      }
    }),
  );
});

test('no more rows than asked for stay over all sets together, and none that is dearer is folded', () => {
  fc.assert(
    fc.property(sets, fc.integer({ min: 1, max: 6 }), (all, top) => {
      const totals = new Map<string, Money>();
      for (const one of all.flatMap(({ rows }) => rows)) {
        if (one.kind !== 'allocation') continue;
        totals.set(rowName(one), addMoney(totals.get(rowName(one)) ?? ZERO, totalOf(one)));
      }
      const shown = foldTop(all, top).flatMap(({ rows }) => rows.filter(({ kind }) => kind === 'allocation'));
      const kept = new Set(shown.map(rowName));
      expect(kept.size).toBe(Math.min(top, totals.size));
      const costOf = (name: string) => totals.get(name) ?? ZERO;
      const cheapest = [...kept].map(costOf).reduce((a, b) => (a < b ? a : b), parseMoney('1e9'));
      for (const name of totals.keys()) if (!kept.has(name)) expect(costOf(name) <= cheapest).toBe(true);
    }),
  );
});

test('the dearest of the whole window stay, though they are not the dearest of a set; what is nobody’s is not counted', () => {
  const all = [
    setOf([row('a', 10), row('b', 1), row('c', 5), row('', 99, 'idle')], 0),
    setOf([row('b', 20), row('c', 6), row('d', 1)], 1),
  ];
  const [first, second] = foldTop(all, 2);
  expect(namesOf(first?.rows ?? [])).toEqual(['__idle__', '__other__', 'b', 'c']);
  expect(namesOf(second?.rows ?? [])).toEqual(['__other__', 'b', 'c']);
  expect(namesOf(foldTop(all, 4)[0]?.rows ?? [])).toEqual(['__idle__', 'a', 'b', 'c']);
});

test('rows of one name with other values are counted apart', () => {
  const [one, other] = [row('', 5), row('', 4)];
  const rows = [{ ...one, values: ['a/b', 'c'] }, { ...other, values: ['a', 'b/c'] }, row('d', 3)];
  expect(foldTop([setOf(rows, 0)], 1).map((set) => namesOf(set.rows))).toEqual([['__other__', 'a/b/c']]);
});
