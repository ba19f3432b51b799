import { type Money, portionOf, ZERO } from '../../lib/money.ts';
import type { ResourceHistory, WorkloadHistory } from './history.ts';

/** A month of 730 hours. */
const MONTH_SECONDS = 730n * 3_600n;

/**
 * What a month costs less when each replica asks for `recommended` instead of what it asks for now; negative where it asks for
 * more. Freed per replica × replicas at a time, on average over its life × what this workload was charged for a unit and
 * second × 730 hours; rounded once, to 1e-12.
 *
 * Only the request counts: capacity that is freed costs less when somebody else takes it, or when a node can go.
 */
export function monthlySavings(
  { requested, held, cost }: ResourceHistory,
  recommended: bigint,
  { runMs, lifeMs }: Pick<WorkloadHistory, 'runMs' | 'lifeMs'>,
): Money {
  if (held <= 0n || lifeMs <= 0n) return ZERO;
  return portionOf(cost, (requested - recommended) * runMs * MONTH_SECONDS, held * lifeMs);
}

/** What so many unit-seconds of the resource cost this workload; `null` where it was charged for none. */
export function priceOf({ held, cost }: ResourceHistory, unitSeconds: bigint): Money | null {
  return held <= 0n ? null : portionOf(cost, unitSeconds, held);
}
