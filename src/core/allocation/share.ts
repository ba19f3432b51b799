/**
 * Idle and shared costs of one set of allocations, by OpenCost's rules and in exact amounts.
 *
 * Guarantees: moving idle or shared costs onto allocations makes no money and loses none, and no choice of keys changes a
 * total. What nobody is there to take stays a row of its own. Idle is measured at a place (a cluster or a node) and one
 * resource at a time: the CPU that stood idle goes to those who pay for CPU there. The fee of a cluster falls on what ran
 * in that cluster alone.
 *
 * With a filter, what it lets through takes the part of idle and shared costs that it would take among all: the answers to
 * a filter and to its opposite add up to that of none, to 1e-12 for each place and resource.
 */
import { addMoney, type Money, portionOf, ZERO } from '../../lib/money.ts';
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
import { type KeyedShare, type Part, type Pool, partsOf, poolOf, type Split, splitByKey, type Taker } from './pool.ts';

/** The cost of one key at one place. */
export interface Cut {
  readonly cluster: string;
  /** Where its idle is measured: the cluster, or a node of it. */
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

/** What a cluster takes for being managed. */
export interface Fee {
  readonly cluster: string;
  /** As of a leftover: asked where nobody is there to bear it. */
  readonly isAsked: boolean;
  readonly cost: Money;
}

export interface SharingChoice {
  readonly idle: 'keep' | 'hide' | 'share';
  /** How idle that is shared falls on the rows that pay for its resource at its place. */
  readonly idleSplit: Split;
  /** How shared costs fall on the rows: by their cost without idle, or the same on each. */
  readonly split: Split;
  /** A shared cost that is none of a cluster's: all rows bear it. */
  readonly fixed: Money;
  /** Fees to share, each over the rows of its own cluster. */
  readonly fees: readonly Fee[];
}

export interface Shares {
  readonly costs: Costs;
  /** Of other resources than the place's own, nothing stands idle. */
  readonly idle: IdleCosts;
  readonly shared: Money;
}

export interface SharedSet {
  readonly rows: ReadonlyMap<string, Shares>;
  /** Of what each row bears of shared costs, the fees of clusters. */
  readonly fees: ReadonlyMap<string, Money>;
  /** Idle and overcommitment that stay rows of their own, by place. */
  readonly leftovers: readonly Leftover[];
  /** Shared costs that nobody was there to take. */
  readonly unshared: Money;
  /** What is shared of what stood idle beside the shared ones. */
  readonly pooledIdle: IdleCosts;
}

/**
 * Settles one set: each key once, with its part of what is shared. To whom the last digit goes depends on keys, and not on the
 * order of the cuts, in which no two answers of an engine agree.
 */
export function shareOut(given: readonly Cut[], leftovers: readonly Leftover[], choice: SharingChoice): SharedSet {
  const cuts = given.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  const rows = new Map<string, Row>();
  for (const { key, costs } of cuts.filter(({ part }) => part === 'asked')) {
    const row = rows.get(key);
    if (row) row.costs = addCosts(row.costs, costs);
    else rows.set(key, { costs, idle: { ...NO_IDLE }, shared: ZERO });
  }
  const isShared = choice.fixed !== ZERO || cuts.some(({ part }) => part === 'shared');
  const pool = poolOf(isShared ? takersOf(cuts) : [], choice.split); // of nothing shared nobody bears anything
  const idle = settleIdle(rows, { cuts, leftovers, choice, pool });
  const chosen = cuts.filter(({ part }) => part === 'shared').map(({ costs }) => sumCosts(costs));
  const shared = sumMoney([choice.fixed, ...chosen, sumIdle(idle.pooled)]);
  giveShared(rows, splitByKey(partsOf(shared, pool).asked, pool));
  const fees = settleFees(cuts, choice);
  giveShared(rows, fees.byKey);
  const unshared = addMoney(pool.units.all === 0n ? shared : ZERO, fees.unshared);
  return { rows, fees: fees.byKey, leftovers: idle.left, unshared, pooledIdle: idle.pooled };
}

/** Shares that still grow: an answer may have 50,000 rows. */
interface Row extends Shares {
  costs: Costs;
  readonly idle: Record<NodeResource, Money>;
  shared: Money;
}

/** Those who bear shared costs, by what they cost without idle. */
function takersOf(cuts: readonly Cut[]): Taker[] {
  const takers: Taker[] = [];
  for (const { key, part, costs } of cuts) {
    if (part !== 'shared') takers.push({ key, part, weight: weightOf(sumCosts(costs)) });
  }
  return takers;
}

/** What each row bears of the fees of the clusters that it ran in. */
function settleFees(cuts: readonly Cut[], { fees, split }: SharingChoice) {
  const byKey = new Map<string, Money>();
  let unshared = ZERO;
  const byCluster = fees.length === 0 ? new Map<string, Cut[]>() : Map.groupBy(cuts, ({ cluster }) => cluster);
  for (const { cluster, cost, isAsked } of fees) {
    const pool = poolOf(takersOf(byCluster.get(cluster) ?? []), split);
    if (pool.units.all === 0n && isAsked) unshared = addMoney(unshared, cost);
    for (const [key, share] of splitByKey(partsOf(cost, pool).asked, pool)) {
      byKey.set(key, addMoney(byKey.get(key) ?? ZERO, share));
    }
  }
  return { byKey, unshared };
}

interface IdleWork {
  readonly cuts: readonly Cut[];
  readonly leftovers: readonly Leftover[];
  readonly choice: SharingChoice;
  readonly pool: Pool;
}

/** Gives idle to the rows, or leaves the part of it that is asked about; `pooled` is what the shared ones carry of it. */
function settleIdle(rows: ReadonlyMap<string, Row>, { cuts, leftovers, choice, pool }: IdleWork) {
  const left: Leftover[] = [];
  let pooled = NO_IDLE;
  if (choice.idle === 'hide') return { left, pooled };
  const byPlace = Map.groupBy(cuts, ({ place }) => place);
  for (const leftover of leftovers) {
    const there = byPlace.get(leftover.place) ?? [];
    const isGiven = choice.idle === 'share' && leftover.kind === 'idle';
    let stays: Costs = NO_COSTS;
    for (const resource of NODE_RESOURCES) {
      const payers = poolOf(payersOf(there, resource), isGiven ? choice.idleSplit : 'weighted');
      const { asked, shared } = idleParts(leftover, resource, payers);
      if (isGiven && asked !== ZERO && payers.units.all > 0n) giveIdle(rows, resource, splitByKey(asked, payers));
      else stays = { ...stays, [resource]: addMoney(stays[resource], asked) };
      if (isGiven) pooled = addIdle(pooled, { ...NO_IDLE, [resource]: shared });
      else stays = { ...stays, [resource]: addMoney(stays[resource], keptOfShared(shared, pool)) };
    }
    if (sumCosts(stays) !== ZERO) left.push({ ...leftover, costs: stays });
  }
  return { left, pooled };
}

/** Those who pay for a resource at a place; where nobody does, those who pay for the nodes there at all. */
function payersOf(there: readonly Cut[], resource: NodeResource): Taker[] {
  const payersBy = (pay: (costs: Costs) => Money) => {
    const payers: Taker[] = [];
    for (const { key, part, costs } of there) {
      const weight = pay(costs);
      if (weight > 0n) payers.push({ key, part, weight });
    }
    return payers;
  };
  const ofResource = payersBy((costs) => costs[resource]);
  return ofResource.length > 0 ? ofResource : payersBy(sumIdle);
}

/** With nobody to bear it, idle is asked about by itself. */
function idleParts({ costs, isAsked }: Leftover, resource: NodeResource, payers: Pool) {
  if (payers.units.all > 0n) return partsOf(costs[resource], payers);
  return { asked: isAsked ? costs[resource] : ZERO, shared: ZERO };
}

function giveIdle(rows: ReadonlyMap<string, Row>, resource: NodeResource, shares: Iterable<KeyedShare>): void {
  for (const [key, share] of shares) {
    const row = rows.get(key);
    if (row) row.idle[resource] = addMoney(row.idle[resource], share);
  }
}

/** Of the idle of those that are shared, what those take whom the filter lets through. */
function keptOfShared(amount: Money, { units }: Pool): Money {
  return units.all === 0n ? amount : portionOf(amount, units.asked, units.all);
}

function giveShared(rows: ReadonlyMap<string, Row>, shares: Iterable<KeyedShare>): void {
  for (const [key, share] of shares) {
    const row = rows.get(key);
    if (row) row.shared = addMoney(row.shared, share);
  }
}

function weightOf(amount: Money): bigint {
  return amount > 0n ? amount : 0n;
}
