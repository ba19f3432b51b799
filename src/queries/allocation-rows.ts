import { type Amounts, addAmounts, addTraffic, NO_AMOUNTS, NO_TRAFFIC } from '../core/allocation/amounts.ts';
import { addCosts, type Costs, NO_COSTS, NO_IDLE, sumCosts } from '../core/allocation/costs.ts';
import { type Cut, type Fee, type Leftover, type SharedSet, shareOut } from '../core/allocation/share.ts';
import { UNALLOCATED } from '../core/allocation-properties.ts';
import type { Window } from '../core/coverage.ts';
import { DAY_MS, dayStart, HOUR_MS } from '../lib/clock.ts';
import { type Money, moneyToNumber, portionOf, subtractMoney, ZERO } from '../lib/money.ts';
import type { LedgerCut } from './allocation-cuts.ts';
import { createDetails } from './allocation-details.ts';
import type { AllocationQuestion, AllocationRow, CommonProperties } from './allocations.ts';

interface SetContext {
  readonly question: AllocationQuestion;
  readonly window: Window;
  /** Names of clusters by id. */
  readonly names: ReadonlyMap<string, string>;
  readonly now: number;
  /** Whether days may have been read, of which nobody knows when in them something ran. */
  readonly toTheDay: boolean;
}

/** The rows of one set, with idle and shared costs where they were asked to be. In no order. */
export function settleSet(all: readonly LedgerCut[], context: SetContext): AllocationRow[] {
  const { idle, idleSplit, share, management = 'keep' } = context.question;
  const allocated = all.filter(({ kind }) => kind === 'allocation');
  const fees = all.filter(({ kind }) => kind === 'management');
  const leftovers = all.flatMap((cut): Leftover[] =>
    cut.kind === 'idle' || cut.kind === 'overcommit'
      ? [{ ...cutOf(cut), kind: cut.kind, isAsked: cut.part === 'asked' }]
      : [],
  );
  const monthly = monthlyOver(share.monthly, context.window);
  const choice = {
    idle,
    idleSplit: idleSplit ?? 'weighted',
    split: share.split,
    fixed: monthly,
    fees: management === 'share' ? fees.map(feeOf) : [],
  };
  const cuts = allocated.map(cutOf);
  const settled = shareOut(cuts, leftovers, choice);
  const detailsOf = createDetails(context, { all, settled, monthly });
  const byKey = ownByKey(allocated, cuts);
  const allocations = Array.from(settled.rows, ([key, { costs, idle: ownIdle, shared }]): AllocationRow => {
    const own = byKey.get(key) ?? [];
    return {
      ...mergedOf(own, context),
      kind: 'allocation',
      values: own[0]?.keys ?? [],
      costs,
      idle: ownIdle,
      shared,
      ...detailsOf(own, { key, shared }),
    };
  });
  return [
    ...allocations,
    ...leftRows(settled, all, context),
    ...(management === 'keep' ? feeRows(fees, context) : []),
    ...unsharedRow(settled.unshared, context),
  ];
}

/** The cuts that each row is made of; `cuts` tells their keys, in the same order. */
function ownByKey(allocated: readonly LedgerCut[], cuts: readonly Cut[]): Map<string, LedgerCut[]> {
  const byKey = new Map<string, LedgerCut[]>();
  for (const [index, cut] of allocated.entries()) {
    const key = cuts[index]?.key;
    if (cut.part !== 'asked' || key === undefined) continue;
    const own = byKey.get(key);
    if (own) own.push(cut);
    else byKey.set(key, [cut]);
  }
  return byKey;
}

function cutOf(cut: LedgerCut): Cut {
  const { cluster, keys, part, costs } = cut;
  return { cluster, place: placeOf(cut), key: keyOf(keys), part, costs };
}

function placeOf({ cluster, place }: Pick<LedgerCut, 'cluster' | 'place'>): string {
  return `${cluster}/${place}`;
}

function feeOf({ cluster, part, costs }: LedgerCut): Fee {
  return { cluster, isAsked: part === 'asked', cost: sumCosts(costs) };
}

/** Idle and overcommitment in a row each, or in one for each place. */
function leftRows({ leftovers }: SharedSet, all: readonly LedgerCut[], context: SetContext): AllocationRow[] {
  const { splitIdle } = context.question;
  const nobodys = all.filter(({ kind }) => kind === 'idle' || kind === 'overcommit');
  const source = Map.groupBy(nobodys, (cut) => `${cut.kind} ${placeOf(cut)} ${cut.part === 'asked'}`);
  const byRow = Map.groupBy(leftovers, ({ kind, place }) => (splitIdle ? `${kind} ${place}` : kind));
  return [...byRow.values()].map((parts): AllocationRow => {
    const own = parts.flatMap(({ kind, place, isAsked }) => source.get(`${kind} ${place} ${isAsked}`) ?? []);
    const costs = parts.reduce((sum, part) => addCosts(sum, part.costs), NO_COSTS);
    const merged = mergedOf(own, { ...context, toTheDay: true });
    return {
      ...merged,
      kind: parts[0]?.kind ?? 'idle',
      values: placeName(own, context),
      amounts: scaled(merged.amounts, costs, merged.costs),
      costs,
    };
  });
}

/** What the filter lets through of the fees for managing clusters: one row, or one for each cluster. */
function feeRows(fees: readonly LedgerCut[], context: SetContext): AllocationRow[] {
  const asked = fees.filter(({ part }) => part === 'asked');
  const byRow = Map.groupBy(asked, ({ cluster }) => (context.question.splitIdle ? cluster : ''));
  return [...byRow.values()].map(
    (own): AllocationRow => ({ ...mergedOf(own, context), kind: 'management', values: placeName(own, context) }),
  );
}

function unsharedRow(unshared: Money, { window }: SetContext): AllocationRow[] {
  if (unshared === ZERO) return [];
  const common = { cluster: '', namespace: '', controllerKind: '', controller: '' };
  return [{ ...NOTHING, ...window, kind: 'shared', values: [], common, shared: unshared }];
}

const NOTHING = {
  labels: {},
  amounts: NO_AMOUNTS,
  costs: NO_COSTS,
  adjustments: NO_COSTS,
  traffic: NO_TRAFFIC,
  idle: NO_IDLE,
  shared: ZERO,
} as const;

/** Most rows of large answers are of one cut: there is nothing to add. */
function mergedOf(cuts: readonly LedgerCut[], context: SetContext) {
  const [first, second] = cuts;
  const sums = first !== undefined && second === undefined ? first : sumsOf(cuts);
  const { start, end } = runOf(cuts, context);
  return {
    common: commonOf(cuts, context),
    labels: sums.labels,
    start,
    end,
    amounts: sums.amounts,
    costs: sums.costs,
    adjustments: sums.adjustments,
    traffic: sums.traffic,
    idle: NO_IDLE,
    shared: ZERO,
  };
}

function sumsOf(cuts: readonly LedgerCut[]) {
  return {
    labels: {},
    amounts: cuts.map(({ amounts }) => amounts).reduce(addAmounts, NO_AMOUNTS),
    costs: cuts.map(({ costs }) => costs).reduce(addCosts, NO_COSTS),
    adjustments: cuts.map(({ adjustments }) => adjustments).reduce(addCosts, NO_COSTS),
    traffic: cuts.map(({ traffic }) => traffic).reduce(addTraffic, NO_TRAFFIC),
  };
}

function commonOf(cuts: readonly LedgerCut[], { names }: SetContext): CommonProperties {
  const [first] = cuts;
  const common = (pick: (cut: LedgerCut) => string) => {
    const value = first === undefined ? '' : pick(first);
    return cuts.every((cut) => pick(cut) === value) ? value : '';
  };
  const isAllocation = first?.kind === 'allocation';
  return {
    cluster: common(({ cluster }) => names.get(cluster) ?? cluster),
    namespace: isAllocation ? common(({ namespace }) => namespace) : '',
    controllerKind: common(({ controllerKind }) => controllerKind),
    controller: common(({ controller }) => controller),
  };
}

/**
 * A run begins so late in its first hour that it fills the rest, ends so early in its last, and never goes beyond the
 * window or now. Of one hour alone nobody knows which part of it ran: then it begins with it. Volumes and balancers last
 * longer than who uses them: they tell of a run where no container does.
 */
function runOf(all: readonly LedgerCut[], { window, now, toTheDay }: SetContext): Window {
  const hasContainers = all.some(({ ran }) => ran !== null);
  let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { firstMs, lastMs, ran } of all) {
    if (hasContainers && ran === null) continue;
    const from = toTheDay ? dayStart(firstMs) : firstMs + (firstMs === lastMs ? 0 : (ran?.gapMs ?? 0));
    const to = toTheDay ? dayStart(lastMs) + DAY_MS : lastMs + (ran?.lastMs || HOUR_MS);
    earliest = Math.min(earliest, from);
    latest = Math.max(latest, to);
  }
  const start = Math.max(window.start, earliest);
  const until = Math.min(window.end, Math.max(now, start));
  return { start, end: Math.max(start, Math.min(until, latest)) };
}

/** Of what stood idle, as much as stayed of its cost. */
function scaled(amounts: Amounts, costs: Costs, all: Costs): Amounts {
  const part = (of: Money, whole: Money) =>
    whole === ZERO || of === whole ? 1 : moneyToNumber(of) / moneyToNumber(whole);
  return {
    ...amounts,
    cpuCoreSeconds: amounts.cpuCoreSeconds * part(costs.cpu, all.cpu),
    ramByteSeconds: amounts.ramByteSeconds * part(costs.ram, all.ram),
    gpuSeconds: amounts.gpuSeconds * part(costs.gpu, all.gpu),
  };
}

const MONTH_MS = BigInt(730 * HOUR_MS);

/** Of an amount per month of 730 hours. Counted from the epoch, so that the parts of a window add up to the whole. */
function monthlyOver(monthly: Money, { start, end }: Window): Money {
  const until = (at: number) => portionOf(monthly, BigInt(at), MONTH_MS);
  return subtractMoney(until(end), until(start));
}

/** Where a row that is nobody's stands, if there is one for each place. */
function placeName([first]: readonly LedgerCut[], { question, names }: SetContext): string[] {
  if (!question.splitIdle || first === undefined) return [];
  return [first.place === '' ? (names.get(first.cluster) ?? first.cluster) : first.place];
}

/** Not the name of the row: a value may hold the slash that stands between values. What is not there is like what is called so. */
function keyOf(values: readonly string[]): string {
  return JSON.stringify(values.map((value) => value || UNALLOCATED));
}
