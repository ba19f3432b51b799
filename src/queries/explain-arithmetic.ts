import type { PriceRates } from '../core/price-rates.ts';
import { bookCost, type Cost, chargeContainer, type ResourceTime } from '../core/pricing.ts';
import { type Money, subtractMoney, ZERO } from '../lib/money.ts';
import type { ResourceName } from './explain.ts';

/**
 * How the ledger came to the cost of one resource of one row, done once more in plain integers (core/pricing.ts): what is
 * computed here must be the ledger's own digits.
 *
 * - `share`: what the container held ÷ what its node had × what the node cost.
 * - `rate`: on a node whose size nobody told, what it held × the book's rate.
 * - `stated`: its source states what it cost.
 * - `remainder`: what the node cost less what was charged on it: idle, or overcommitment where it is negative.
 */
export interface Arithmetic {
  readonly rule: 'share' | 'rate' | 'stated' | 'remainder';
  /** Micro-core-seconds, byte-seconds, micro-GPU-seconds. */
  readonly held: bigint;
  readonly requested: bigint;
  readonly used: bigint;
  /** What the node had, in the same unit. */
  readonly capacity: bigint;
  readonly nodeCost: Money;
  /** Of all on the node that pay a share of it; of a `remainder` alone. */
  readonly charged: Money;
  readonly rate: Money;
  readonly computed: Money;
  /** The ledger's. */
  readonly cost: Money;
}

export interface ArithmeticInput {
  readonly namespace: string;
  readonly isStated: boolean;
  readonly held: ResourceTime;
  readonly requested: ResourceTime;
  readonly used: ResourceTime;
  readonly cost: Cost;
  /** `null` where the node or its size is not known. */
  readonly node: { readonly capacity: ResourceTime; readonly cost: Cost; readonly charged: Cost } | null;
  readonly spot: boolean;
  /** Rates of the version that the row was priced with, where it is still known. */
  readonly rates: PriceRates | undefined;
}

const LEFT_OVER = new Set(['__idle__', '__overcommit__']);
const NOTHING: Cost = { cpu: ZERO, ram: ZERO, gpu: ZERO };

export function arithmeticOf(input: ArithmeticInput): Readonly<Record<ResourceName, Arithmetic>> {
  const rule = ruleOf(input);
  const computed = computedBy(rule, input);
  const of = (resource: ResourceName): Arithmetic => ({
    rule,
    held: input.held[resource] ?? 0n,
    requested: input.requested[resource] ?? 0n,
    used: input.used[resource] ?? 0n,
    capacity: input.node?.capacity[resource] ?? 0n,
    nodeCost: input.node?.cost[resource] ?? ZERO,
    charged: rule === 'remainder' ? (input.node?.charged[resource] ?? ZERO) : ZERO,
    rate: rule === 'rate' ? ratesOf(input)[resource] : ZERO,
    computed: computed[resource],
    cost: input.cost[resource],
  });
  return { cpu: of('cpu'), ram: of('ram'), gpu: of('gpu') };
}

function ruleOf({ namespace, isStated, node }: ArithmeticInput): Arithmetic['rule'] {
  if (LEFT_OVER.has(namespace)) return 'remainder';
  if (isStated) return 'stated';
  return node === null ? 'rate' : 'share';
}

function computedBy(rule: Arithmetic['rule'], input: ArithmeticInput): Cost {
  const { held, node, cost, spot, rates } = input;
  switch (rule) {
    case 'share':
      return node ? chargeContainer(held, node.capacity, node.cost) : NOTHING;
    case 'rate':
      return rates ? bookCost(held, spot, { version: '', ...rates }) : NOTHING;
    case 'stated':
      return cost;
    case 'remainder':
      return remainderOf(input);
    default:
      return rule satisfies never;
  }
}

/** What is left over is idle as far as it is positive, and overcommitment as far as it is negative. */
function remainderOf({ namespace, node }: ArithmeticInput): Cost {
  const sided = (left: Money) => (namespace === '__idle__' ? left > 0n : left < 0n);
  const of = (resource: ResourceName): Money => {
    const left = subtractMoney(node?.cost[resource] ?? ZERO, node?.charged[resource] ?? ZERO);
    return sided(left) ? left : ZERO;
  };
  return { cpu: of('cpu'), ram: of('ram'), gpu: of('gpu') };
}

function ratesOf({ spot, rates }: ArithmeticInput): Cost {
  if (rates === undefined) return NOTHING;
  return spot
    ? { cpu: rates.spotCpuCoreHour, ram: rates.spotRamGibHour, gpu: rates.spotGpuHour }
    : { cpu: rates.cpuCoreHour, ram: rates.ramGibHour, gpu: rates.gpuHour };
}
