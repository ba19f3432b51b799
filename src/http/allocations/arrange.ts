import type { AllocationQuery } from '../../contracts/allocations.ts';
import type { Shares } from '../../core/allocation/share.ts';
import type { CostMetric } from '../../core/cost-metric.ts';
import type { Window } from '../../core/coverage.ts';
import type { AllocationSet, FoundAllocations } from '../../queries/allocations.ts';
import { foldTop, type ShownRow, type ShownSet } from './fold-top.ts';
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
  /** As they are found; to be gone through once. */
  readonly sets: AsyncIterable<ArrangedSet>;
  /** Of all sets that were gone through. */
  readonly total: () => Shares;
}

/**
 * The sets of an answer as they are to be shown: each by itself, but where rows of the whole window are folded. What a rate is of:
 * of a set its own hours, of the total the whole window's.
 */
export function arrange(sets: FoundAllocations['sets'], { window, view }: { window: Window; view: View }): Arranged {
  let sum = sumShares([]);
  const arranged = async function* () {
    for await (const { window: ofSet, rows } of folded(sets, view)) {
      const total = sumShares(rows);
      sum = sumShares([sum, total]);
      yield {
        window: ofSet,
        total: ratedShares(total, ofSet, view),
        rows: rows.length,
        page: inOrder(rows, view.sort)
          .slice(view.offset, view.offset + view.limit)
          .map((row) => rated(row, ofSet, view)),
      };
    }
  };
  return { sets: arranged(), total: () => ratedShares(sum, window, view) };
}

async function* folded(sets: FoundAllocations['sets'], { top }: View): AsyncGenerator<ShownSet> {
  if (top === undefined) {
    yield* sets;
    return;
  }
  const all: AllocationSet[] = [];
  for await (const set of sets) all.push(set);
  yield* foldTop(all, top);
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
