import type { AllocationTimeseries } from '../../contracts/allocation-views.ts';
import type { AggregateKey } from '../../core/aggregate/aggregate-keys.ts';
import { type CostMetric, rateOver } from '../../core/cost-metric.ts';
import type { Window } from '../../core/coverage.ts';
import { type Lazily, LazyArray } from '../../lib/json-text.ts';
import { addMoney, formatMoney, type Money, ZERO } from '../../lib/money.ts';
import type { Allocations } from '../../queries/allocations.ts';
import { iso, keysReply } from './answer.ts';
import { foldTop, type ShownRow } from './fold-top.ts';
import { keyName, rowIdentity, rowName } from './row-names.ts';
import { totalOf } from './shares.ts';

export interface TimeseriesContext {
  readonly keys: readonly AggregateKey[];
  readonly top: number;
  readonly metric: CostMetric;
  readonly now: number;
  /** Of each set, from 0 to 1. */
  readonly stepCoverage: readonly number[];
}

interface Series {
  readonly name: string;
  /** Any of its rows: they have kind and keys in common. */
  readonly row: ShownRow;
  /** By step; nothing where it has no row. */
  readonly costs: Map<number, Money>;
  total: Money;
}

/** The costs of the dearest rows by step, for charts. A step of which nothing is known is a gap, and not free. */
export function timeseriesAnswer(allocations: Allocations, context: TimeseriesContext): Lazily<AllocationTimeseries> {
  const { keys, metric, now, stepCoverage } = context;
  const names = keys.map(keyName);
  const windows = allocations.sets.map(({ window }) => window);
  const whole = { start: windows[0]?.start ?? 0, end: windows.at(-1)?.end ?? 0 };
  const series = seriesOf(allocations, context.top);
  const shown = (cost: Money, window: Window) => formatMoney(rateOver(metric, window, now)(cost));
  const stepCost = (costs: ReadonlyMap<number, Money>) =>
    windows.map((window, step) => {
      const cost = costs.get(step);
      if (cost === undefined && !((stepCoverage[step] ?? 0) > 0)) return null;
      return shown(cost ?? ZERO, window);
    });
  return {
    start: iso(whole.start),
    end: iso(whole.end),
    currency: allocations.currency,
    cost_metric: metric,
    aggregate: names,
    coverage: allocations.coverage,
    total: shown(
      series.reduce((sum, { total }) => addMoney(sum, total), ZERO),
      whole,
    ),
    steps: windows.map(({ start }) => iso(start)),
    step_coverage: [...stepCoverage],
    step_total: stepCost(totalsOf(series)),
    series: new LazyArray(() =>
      Iterator.from(series).map(({ name, row, costs, total }) => ({
        name,
        kind: row.kind,
        keys: keysReply(row, names),
        total: shown(total, whole),
        cost: stepCost(costs),
      })),
    ),
  };
}

/** What is somebody's first, dearest first; then what is folded, then what is nobody's. */
function seriesOf({ sets }: Allocations, top: number): Series[] {
  const byIdentity = new Map<string, Series>();
  for (const [step, { rows }] of foldTop(sets, top).entries()) {
    for (const row of rows) {
      const id = rowIdentity(row);
      const series = byIdentity.get(id) ?? { name: rowName(row), row, costs: new Map<number, Money>(), total: ZERO };
      const cost = totalOf(row);
      series.costs.set(step, addMoney(series.costs.get(step) ?? ZERO, cost));
      series.total = addMoney(series.total, cost);
      byIdentity.set(id, series);
    }
  }
  const rank = ({ row: { kind } }: Series) => (kind === 'allocation' ? 0 : kind === 'other' ? 1 : 2);
  return [...byIdentity.values()].toSorted((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    if (a.total !== b.total) return a.total < b.total ? 1 : -1;
    return a.name < b.name ? -1 : 1;
  });
}

function totalsOf(series: readonly Series[]): ReadonlyMap<number, Money> {
  const totals = new Map<number, Money>();
  for (const { costs } of series) {
    for (const [step, cost] of costs) totals.set(step, addMoney(totals.get(step) ?? ZERO, cost));
  }
  return totals;
}
