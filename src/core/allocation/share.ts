/**
 * Idle and shared costs of one set of allocations, by OpenCost's rules and in exact amounts.
 *
 * Guarantees: moving idle or shared costs onto allocations makes no money and loses none, and no choice of keys changes a
 * total. What nobody is there to take stays a row of its own. Idle is measured at a place (a cluster or a node) and one
 * resource at a time: the CPU that stood idle goes to those who pay for CPU there.
 *
 * With a filter, what it lets through takes the part of idle and shared costs that it would take among all: the answers to
 * a filter and to its opposite add up to that of none, to 1e-12 for each place and resource.
 */
import { addMoney, type Money, portionOf, splitMoney, subtractMoney, ZERO } from '../../lib/money.ts';
import {
  addCosts,
  addIdle,
  type Costs,
  type IdleCosts,
  NO_COSTS,
  NO_IDLE,
  NODE_RESOURCES,
  type NodeResource,
  sumCosts,
  sumIdle,
  sumMoney,
} from './costs.ts';

/** What the filter lets through, what is shared among others, and the rest, which takes its part of both. */
export type Part = 'asked' | 'shared' | 'other';

/** The cost of one key at one place. */
export interface Cut {
  readonly place: string;
  readonly key: string;
  readonly part: Part;
  readonly costs: Costs;
}

/** What a place had left over; of overcommitment the costs are negative. */
export interface Leftover {
  readonly place: string;
  readonly kind: 'idle' | 'overcommit';
  /** Whether the filter lets it through itself: asked where nobody is there whose idle it could be. */
  readonly isAsked: boolean;
  readonly costs: Costs;
}

export interface SharingChoice {
  readonly idle: 'keep' | 'hide' | 'share';
  /** How shared costs are split over the rows: by their cost without idle, or the same for each. */
  readonly split: 'weighted' | 'even';
  /** A shared cost that is none of the cluster's. */
  readonly fixed: Money;
}

export interface Shares {
  readonly costs: Costs;
  /** Of other resources than the place's own, nothing stands idle. */
  readonly idle: IdleCosts;
  readonly shared: Money;
}

export interface SharedSet {
  readonly rows: ReadonlyMap<string, Shares>;
  /** Idle and overcommitment that stay rows of their own, by place. */
  readonly leftovers: readonly Leftover[];
  /** Shared costs that nobody was there to take. */
  readonly unshared: Money;
  /** What is shared of what stood idle beside the shared ones. */
  readonly pooledIdle: IdleCosts;
}

/** Settles one set: each key once, with its part of what is shared. */
export function shareOut(cuts: readonly Cut[], leftovers: readonly Leftover[], choice: SharingChoice): SharedSet {
  const rows = new Map<string, Shares>();
  for (const { key, costs } of cuts.filter(({ part }) => part === 'asked')) {
    const row = rows.get(key) ?? { costs: NO_COSTS, idle: NO_IDLE, shared: ZERO };
    rows.set(key, { ...row, costs: addCosts(row.costs, costs) });
  }
  const pool = poolOf(cuts, choice);
  const idle = settleIdle(rows, { cuts, leftovers, choice, pool });
  const shared = sumMoney([pool.cost, sumIdle(idle.pooled)]);
  const taken = pool.takers === 0n ? ZERO : portionOf(shared, pool.asked, pool.takers);
  giveShared(rows, taken, choice.split);
  return { rows, leftovers: idle.left, unshared: pool.takers === 0n ? shared : ZERO, pooledIdle: idle.pooled };
}

/** What is shared, and what weight those have who take it: all of them, and those whom the filter lets through. */
interface Pool {
  readonly cost: Money;
  readonly asked: bigint;
  readonly takers: bigint;
}

function poolOf(cuts: readonly Cut[], { split, fixed }: SharingChoice): Pool {
  const cost = addMoney(fixed, sumMoney(partOf(cuts, 'shared').map(({ costs }) => sumCosts(costs))));
  const weigh = (some: readonly Cut[]) => some.reduce((sum, { costs }) => sum + weightOf(sumCosts(costs)), 0n);
  const [asked, other] = [partOf(cuts, 'asked'), partOf(cuts, 'other')];
  const askedKeys = new Set(asked.map(({ key }) => key));
  const otherKeys = new Set(other.map(({ key }) => key).filter((key) => !askedKeys.has(key)));
  const byCost = { cost, asked: weigh(asked), takers: weigh(asked) + weigh(other) };
  if (split === 'weighted' && byCost.takers > 0n) return byCost;
  return { cost, asked: BigInt(askedKeys.size), takers: BigInt(askedKeys.size + otherKeys.size) };
}

interface IdleWork {
  readonly cuts: readonly Cut[];
  readonly leftovers: readonly Leftover[];
  readonly choice: SharingChoice;
  readonly pool: Pool;
}

/** Gives idle to the rows, or leaves the part of it that is asked about; `pooled` is what the shared ones carry of it. */
function settleIdle(rows: Map<string, Shares>, { cuts, leftovers, choice, pool }: IdleWork) {
  const left: Leftover[] = [];
  let pooled = NO_IDLE;
  if (choice.idle === 'hide') return { left, pooled };
  const byPlace = Map.groupBy(cuts, ({ place }) => place);
  for (const leftover of leftovers) {
    const there = byPlace.get(leftover.place) ?? [];
    const isGiven = choice.idle === 'share' && leftover.kind === 'idle';
    let stays: Costs = NO_COSTS;
    for (const resource of NODE_RESOURCES) {
      const parts = idleParts(there, resource, leftover);
      if (isGiven && parts.asked !== ZERO && parts.takers.length > 0) giveIdle(rows, resource, parts);
      else stays = { ...stays, [resource]: addMoney(stays[resource], parts.asked) };
      if (isGiven) pooled = addIdle(pooled, { ...NO_IDLE, [resource]: parts.shared });
      else stays = { ...stays, [resource]: addMoney(stays[resource], keptOfShared(parts.shared, pool)) };
    }
    if (sumCosts(stays) !== ZERO) left.push({ ...leftover, costs: stays });
  }
  return { left, pooled };
}

interface IdleParts {
  readonly asked: Money;
  readonly shared: Money;
  readonly takers: readonly Cut[];
  readonly weights: readonly bigint[];
}

/** Idle of one resource of a place by who pays for that resource there; where nobody does, by who pays for the nodes at all. */
function idleParts(there: readonly Cut[], resource: NodeResource, { costs: all, isAsked }: Leftover): IdleParts {
  const amount = all[resource];
  const byResource = there.map(({ costs }) => weightOf(costs[resource]));
  const weights = byResource.some((weight) => weight > 0n)
    ? byResource
    : there.map(({ costs }) => weightOf(sumIdle(costs)));
  const sumOf = (part: Part) =>
    there.reduce((sum, cut, index) => sum + (cut.part === part ? (weights[index] ?? 0n) : 0n), 0n);
  const [asked, shared, other] = [sumOf('asked'), sumOf('shared'), sumOf('other')];
  const whole = asked + shared + other;
  if (whole === 0n) return { asked: isAsked ? amount : ZERO, shared: ZERO, takers: [], weights: [] };
  const ofShared = portionOf(amount, shared, whole);
  return {
    asked: other === 0n ? subtractMoney(amount, ofShared) : portionOf(amount, asked, whole),
    shared: ofShared,
    takers: there.filter(({ part }) => part === 'asked'),
    weights: weights.filter((_, index) => there[index]?.part === 'asked'),
  };
}

function giveIdle(rows: Map<string, Shares>, resource: NodeResource, { asked, takers, weights }: IdleParts): void {
  const shares = splitMoney(asked, weights);
  for (const [index, { key }] of takers.entries()) {
    const row = rows.get(key);
    const share = shares[index] ?? ZERO;
    if (row) rows.set(key, { ...row, idle: addIdle(row.idle, { ...NO_IDLE, [resource]: share }) });
  }
}

/** Of the idle of those that are shared, what those take whom the filter lets through. */
function keptOfShared(amount: Money, { asked, takers }: Pool): Money {
  return takers === 0n ? amount : portionOf(amount, asked, takers);
}

function giveShared(rows: Map<string, Shares>, amount: Money, split: SharingChoice['split']): void {
  if (amount === ZERO || rows.size === 0) return;
  const all = [...rows];
  const weights = all.map(([, { costs }]) => (split === 'even' ? 1n : weightOf(sumCosts(costs))));
  const shares = splitMoney(amount, weights);
  for (const [index, [key, row]] of all.entries()) rows.set(key, { ...row, shared: shares[index] ?? ZERO });
}

function partOf(cuts: readonly Cut[], part: Part): Cut[] {
  return cuts.filter((cut) => cut.part === part);
}

function weightOf(amount: Money): bigint {
  return amount > 0n ? amount : 0n;
}
