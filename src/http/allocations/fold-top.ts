import { addAmounts, addTraffic } from '../../core/allocation/amounts.ts';
import { addCosts, addIdle } from '../../core/allocation/costs.ts';
import { addMoney, type Money, ZERO } from '../../lib/money.ts';
import type { AllocationRow, AllocationSet } from '../../queries/allocations.ts';
import { rowIdentity, rowName } from './row-names.ts';
import { totalOf } from './shares.ts';

/** A row of an answer, or what is folded of it. */
export type ShownRow = Omit<AllocationRow, 'kind'> & { readonly kind: AllocationRow['kind'] | 'other' };

export interface ShownSet extends Omit<AllocationSet, 'rows'> {
  readonly rows: readonly ShownRow[];
}

/**
 * Keeps the rows that are the dearest `top` over all sets together, the same in each set, and folds the others of a set into
 * one: the exact sum of them. What is nobody's (idle, overcommitment, what could not be shared) stays as it is and is not counted.
 */
export function foldTop(sets: readonly AllocationSet[], top: number): ShownSet[] {
  const kept = dearest(sets, top);
  return sets.map(({ window, rows }) => {
    const stays = (row: AllocationRow) => row.kind !== 'allocation' || kept.has(rowIdentity(row));
    const [first, ...rest] = rows.filter((row) => !stays(row));
    return { window, rows: [...rows.filter(stays), ...(first ? [otherOf(first, rest)] : [])] };
  });
}

/** Of equally dear ones the first by name. */
function dearest(sets: readonly AllocationSet[], top: number): ReadonlySet<string> {
  const totals = new Map<string, { readonly name: string; readonly total: Money }>();
  for (const { rows } of sets) {
    for (const row of rows) {
      if (row.kind !== 'allocation') continue;
      const id = rowIdentity(row);
      totals.set(id, { name: rowName(row), total: addMoney(totals.get(id)?.total ?? ZERO, totalOf(row)) });
    }
  }
  const byCost = [...totals].toSorted(([, a], [, b]) => {
    if (a.total !== b.total) return a.total < b.total ? 1 : -1;
    return a.name < b.name ? -1 : 1;
  });
  return new Set(byCost.slice(0, top).map(([id]) => id));
}

function otherOf(first: AllocationRow, rest: readonly AllocationRow[]): ShownRow {
  const nobody = { cluster: '', namespace: '', controllerKind: '', controller: '' };
  const start: ShownRow = { ...first, kind: 'other', values: [], common: nobody, labels: {} };
  return rest.reduce<ShownRow>(
    (sum, row) => ({
      ...sum,
      start: Math.min(sum.start, row.start),
      end: Math.max(sum.end, row.end),
      amounts: addAmounts(sum.amounts, row.amounts),
      costs: addCosts(sum.costs, row.costs),
      adjustments: addCosts(sum.adjustments, row.adjustments),
      traffic: addTraffic(sum.traffic, row.traffic),
      idle: addIdle(sum.idle, row.idle),
      shared: addMoney(sum.shared, row.shared),
    }),
    start,
  );
}
