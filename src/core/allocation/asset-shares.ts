import { type Money, moneyToNumber } from '../../lib/money.ts';
import { addCosts, type Costs, NO_COSTS, sumIdle } from './costs.ts';

/** Which part of what a cluster, or a node, costs is one row's: 0.25 is a quarter. (OpenCost, ProportionalAssetResourceCost.) */
export interface AssetShare {
  readonly cluster: string;
  /** '' where clusters are meant. */
  readonly node: string;
  /** Of the node, where it is known. */
  readonly providerId?: string;
  readonly cpu: number;
  readonly ram: number;
  readonly gpu: number;
  readonly pv: number;
  readonly loadBalancer: number;
  /** Of CPU, RAM and GPU together. */
  readonly nodeCost: number;
}

/** A cost at a place, whosever it is. */
export interface PlacedCost {
  readonly cluster: string;
  readonly node: string;
  readonly costs: Costs;
}

/** The places that `own` costs something at, each with its part of what everything costs there (`sumsByPlace`). */
export function assetShares(own: readonly PlacedCost[], all: ReadonlyMap<string, PlacedCost>): AssetShare[] {
  return [...sumsByPlace(own)].map(([place, { cluster, node, costs }]) => {
    const whole = all.get(place)?.costs ?? NO_COSTS;
    return {
      cluster,
      node,
      cpu: partOf(costs.cpu, whole.cpu),
      ram: partOf(costs.ram, whole.ram),
      gpu: partOf(costs.gpu, whole.gpu),
      pv: partOf(costs.pv, whole.pv),
      loadBalancer: partOf(costs.loadBalancer, whole.loadBalancer),
      nodeCost: partOf(sumIdle(costs), sumIdle(whole)),
    };
  });
}

/** What everything at each place costs together. */
export function sumsByPlace(costs: readonly PlacedCost[]): Map<string, PlacedCost> {
  const sums = new Map<string, PlacedCost>();
  for (const one of costs) {
    const place = `${one.cluster}/${one.node}`;
    sums.set(place, { ...one, costs: addCosts(sums.get(place)?.costs ?? NO_COSTS, one.costs) });
  }
  return sums;
}

function partOf(part: Money, whole: Money): number {
  return whole > 0n ? moneyToNumber(part) / moneyToNumber(whole) : 0;
}
