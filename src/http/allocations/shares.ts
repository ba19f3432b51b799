import { addCosts, addIdle, NO_COSTS, NO_IDLE, sumCosts, sumIdle } from '../../core/allocation/costs.ts';
import type { Shares } from '../../core/allocation/share.ts';
import { type CostMetric, rateOver } from '../../core/cost-metric.ts';
import type { Window } from '../../core/coverage.ts';
import { addMoney, type Money, ZERO } from '../../lib/money.ts';

export const NO_SHARES: Shares = { costs: NO_COSTS, idle: NO_IDLE, shared: ZERO };

interface Rate {
  readonly metric: CostMetric;
  readonly now: number;
}

export function addShares(a: Shares, b: Shares): Shares {
  return { costs: addCosts(a.costs, b.costs), idle: addIdle(a.idle, b.idle), shared: addMoney(a.shared, b.shared) };
}

/** Everything that a row costs. */
export function totalOf({ costs, idle, shared }: Shares): Money {
  return addMoney(addMoney(sumCosts(costs), sumIdle(idle)), shared);
}

/** The same row, its costs as the metric has them. */
export function rated<T extends Shares>(row: T, window: Window, { metric, now }: Rate): T {
  if (metric === 'cumulative') return row;
  const rate = rateOver(metric, window, now);
  return { ...row, costs: mapMoney(row.costs, rate), idle: mapMoney(row.idle, rate), shared: rate(row.shared) };
}

function mapMoney<T extends Readonly<Record<string, Money>>>(amounts: T, change: (amount: Money) => Money): T {
  return { ...amounts, ...Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, change(amount)])) };
}
