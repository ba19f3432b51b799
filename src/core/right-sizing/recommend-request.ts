import { ALGORITHMS, type AlgorithmName } from './algorithms.ts';
import type { ResourceHistory } from './history.ts';

/** What stays the same for all advice on one resource, in its units. */
export interface ResourceGrain {
  /** Requests are whole multiples of it. */
  readonly step: bigint;
  /** By less than so much may a replica have used more than `usageMax` says: what the ledger cuts off. */
  readonly cutOff: bigint;
}

/** In micro-cores: requests of whole millicores; the ledger keeps peaks so. */
export const CPU_GRAIN: ResourceGrain = { step: 1_000n, cutOff: 1_000n };
/** In bytes: requests of whole mebibytes. */
export const RAM_GRAIN: ResourceGrain = { step: 2n ** 20n, cutOff: 1n };

export interface ResourceAim {
  readonly algorithm: AlgorithmName;
  /** Part of the request that is to be used: above 0, at most 1. Read to a millionth. */
  readonly targetUtilization: number;
  /** In the resource's units. */
  readonly min: bigint;
}

const MILLION = 1_000_000n;

/**
 * The request that `history` speaks for: what the algorithm says is needed ÷ the target utilization, rounded up. Never below the
 * most that was used, whatever the algorithm: less memory than that is a pod killed. `null` where no use at all was seen, for
 * a source that tells of none looks the same.
 *
 * @throws RangeError for a target utilization that is not above 0 and at most 1.
 */
export function recommendRequest(history: ResourceHistory, aim: ResourceAim, grain: ResourceGrain): bigint | null {
  const target = BigInt(Math.round(aim.targetUtilization * Number(MILLION)));
  if (target <= 0n || target > MILLION) {
    throw new RangeError(`cannot aim at a utilization of ${aim.targetUtilization}: it must be above 0 and at most 1`);
  }
  if (history.usageMax === 0n && history.usageMean === 0n) return null;
  const needed = ceilDivide(ALGORITHMS[aim.algorithm](history) * MILLION, target);
  const seen = history.usageMax + grain.cutOff - 1n;
  return ceilDivide(greatest(needed, seen, aim.min), grain.step) * grain.step;
}

function greatest(...amounts: [bigint, ...bigint[]]): bigint {
  return amounts.reduce((a, b) => (a > b ? a : b));
}

function ceilDivide(amount: bigint, divisor: bigint): bigint {
  return (amount + divisor - 1n) / divisor;
}
