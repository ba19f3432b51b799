import { HOUR_MS } from '../lib/clock.ts';
import { type Money, portionOf, ZERO } from '../lib/money.ts';
import { askedMs, type Window } from './coverage.ts';

/** What a cost stands for: what was spent, or what that is by the hour, the day or the month. */
export const COST_METRICS = ['cumulative', 'hourly', 'daily', 'monthly'] as const;
export type CostMetric = (typeof COST_METRICS)[number];

/** A month is 730 hours, as prices have it. */
const PERIOD_HOURS = { hourly: 1, daily: 24, monthly: 730 } as const;

/**
 * Turns what was spent in a window into the metric: cost ÷ hours of the window × hours of the period, to the nearest 1e-12.
 * The hours are those that the ledger counts to the window, of the open one only what has passed by `now` (ms), whether or
 * not they are covered and whether or not a row ran in all of them: so rates of rows add up as their costs do, each rounded
 * by itself. Of a window that has not begun it is nothing.
 */
export function rateOver(metric: CostMetric, window: Window, now: number): (cost: Money) => Money {
  if (metric === 'cumulative') return (cost) => cost;
  const passed = BigInt(askedMs(window, now));
  const period = BigInt(PERIOD_HOURS[metric] * HOUR_MS);
  return (cost) => (passed === 0n ? ZERO : portionOf(cost, period, passed));
}
