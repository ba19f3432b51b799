import { addCosts, addIdle, NO_COSTS, NO_IDLE, sumCosts, sumIdle } from '../../core/allocation/costs.ts';
import type { Shares } from '../../core/allocation/share.ts';
import { type CostMetric, rateOver } from '../../core/cost-metric.ts';
import type { Window } from '../../core/coverage.ts';
import { addMoney, type Money, ZERO } from '../../lib/money.ts';
import type { RowDetails } from '../../queries/allocations.ts';
import type { ShownRow } from './fold-top.ts';

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

/** The same sums, as the metric has them. */
export function ratedShares(shares: Shares, window: Window, { metric, now }: Rate): Shares {
  const rate = rateOver(metric, window, now);
  return { costs: mapMoney(shares.costs, rate), idle: mapMoney(shares.idle, rate), shared: rate(shares.shared) };
}

/** The same row, all of its money as the metric has it. */
export function rated<T extends ShownRow>(row: T, window: Window, { metric, now }: Rate): T {
  if (metric === 'cumulative') return row;
  const rate = rateOver(metric, window, now);
  return {
    ...row,
    ...ratedShares(row, window, { metric, now }),
    adjustments: mapMoney(row.adjustments, rate),
    traffic: {
      crossZone: rate(row.traffic.crossZone),
      crossRegion: rate(row.traffic.crossRegion),
      internet: rate(row.traffic.internet),
    },
    ...(row.details ? { details: ratedDetails(row.details, rate) } : {}),
  };
}

function ratedDetails(details: RowDetails, rate: (cost: Money) => Money): RowDetails {
  return {
    ...details,
    volumes: details.volumes.map((volume) => ({
      ...volume,
      cost: rate(volume.cost),
      adjustment: rate(volume.adjustment),
    })),
    sharedParts: details.sharedParts.map(({ name, costs }) => ({ name, costs: mapMoney(costs, rate) })),
    balancers: details.balancers.map((one) => ({ ...one, cost: rate(one.cost), adjustment: rate(one.adjustment) })),
  };
}

function mapMoney<T extends Readonly<Record<string, Money>>>(amounts: T, change: (amount: Money) => Money): T {
  return { ...amounts, ...Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, change(amount)])) };
}
