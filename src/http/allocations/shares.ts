import { costsBy, NODE_RESOURCES, RESOURCES } from '../../core/allocation/costs.ts';
import type { Shares } from '../../core/allocation/share.ts';
import { type CostMetric, rateOver } from '../../core/cost-metric.ts';
import type { Window } from '../../core/coverage.ts';
import { addMoney, type Money, ZERO } from '../../lib/money.ts';
import type { RowDetails } from '../../queries/allocations.ts';
import type { ShownRow } from './fold-top.ts';

interface Rate {
  readonly metric: CostMetric;
  readonly now: number;
}

/** The sum of any number of rows, one part after the other: for large answers this is most of what there is to do. */
export function sumShares(rows: readonly Shares[]): Shares {
  const over = (pick: (row: Shares) => Money) => {
    let sum = ZERO;
    for (const row of rows) sum = addMoney(sum, pick(row));
    return sum;
  };
  return {
    costs: costsBy((resource) => over(({ costs }) => costs[resource])),
    idle: { cpu: over(({ idle }) => idle.cpu), ram: over(({ idle }) => idle.ram), gpu: over(({ idle }) => idle.gpu) },
    shared: over(({ shared }) => shared),
  };
}

/** Everything that a row costs. */
export function totalOf({ costs, idle, shared }: Shares): Money {
  let total = shared;
  for (const resource of RESOURCES) total = addMoney(total, costs[resource]);
  for (const resource of NODE_RESOURCES) total = addMoney(total, idle[resource]);
  return total;
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
