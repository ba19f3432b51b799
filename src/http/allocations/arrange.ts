import type { AllocationQuery } from '../../contracts/allocations.ts';
import type { Shares } from '../../core/allocation/share.ts';
import type { CostMetric } from '../../core/cost-metric.ts';
import type { Window } from '../../core/coverage.ts';
import type { AllocationSet } from '../../queries/allocations.ts';
import { foldTop, type ShownRow } from './fold-top.ts';
import { rowName } from './row-names.ts';
import { rated, ratedShares, sumShares, totalOf } from './shares.ts';

/** How rows are shown: first the rest of the top is folded, then rows are sorted, then the page is taken. */
export interface View extends Pick<AllocationQuery, 'sort' | 'limit' | 'offset'> {
  /** Rows of the whole window that stay rows of their own; `undefined` is all of them. */
  readonly top: number | undefined;
  readonly metric: CostMetric;
  readonly now: number;
}

export interface ArrangedSet {
  readonly window: Window;
  /** Of all its rows, whatever page was asked for. */
  readonly total: Shares;
  /** How many rows there are. */
  readonly rows: number;
  readonly page: readonly ShownRow[];
}

export interface Arranged {
  readonly window: Window;
  readonly total: Shares;
  readonly sets: readonly ArrangedSet[];
}

/** The sets of an answer as they are to be shown. What a rate is of: of a set its own hours, of the total the whole window's. */
export function arrange(sets: readonly AllocationSet[], view: View): Arranged {
  const window = { start: sets[0]?.window.start ?? 0, end: sets.at(-1)?.window.end ?? 0 };
  const totals = sets.map(({ rows }) => sumShares(rows));
  const shown = view.top === undefined ? sets : foldTop(sets, view.top);
  return {
    window,
    total: ratedShares(sumShares(totals), window, view),
    sets: shown.map(({ window: ofSet, rows }, index) => ({
      window: ofSet,
      total: ratedShares(totals[index] ?? sumShares([]), ofSet, view),
      rows: rows.length,
      page: inOrder(rows, view.sort)
        .slice(view.offset, view.offset + view.limit)
        .map((row) => rated(row, ofSet, view)),
    })),
  };
}

/** Rows of equal cost by name, so that pages never overlap. What is folded stands after what is not. */
export function inOrder(rows: readonly ShownRow[], sort: AllocationQuery['sort']): ShownRow[] {
  const known = rows.map((row) => ({ row, name: rowName(row), total: totalOf(row), isOther: row.kind === 'other' }));
  const byName = (a: string, b: string) => (a < b ? -1 : Number(a > b));
  return known
    .sort((a, b) => {
      if (a.isOther !== b.isOther) return a.isOther ? 1 : -1;
      if (sort === 'cost' && a.total !== b.total) return a.total < b.total ? 1 : -1;
      return byName(a.name, b.name);
    })
    .map(({ row }) => row);
}
