import { z } from 'zod';
import { addCosts, type Costs, NO_COSTS, NO_IDLE } from '../core/allocation/costs.ts';
import { type Cut, type Leftover, shareOut } from '../core/allocation/share.ts';
import { UNALLOCATED } from '../core/allocation-properties.ts';
import type { Window } from '../core/coverage.ts';
import { DAY_MS, dayStart, HOUR_MS, SECOND_MS } from '../lib/clock.ts';
import { type Money, moneyToNumber, parseMoney, portionOf, subtractMoney, ZERO } from '../lib/money.ts';
import { COST_COLUMNS } from './allocation-columns.ts';
import type { AllocationQuestion, AllocationRow, Amounts, CommonProperties } from './allocations.ts';

/** What allocations.sql returns: a cut of one set. */
export const CutRow = z.object({
  set_s: z.number(),
  cluster: z.string(),
  /** A node, where idle is measured by node. */
  place: z.string(),
  kind: z.enum(['allocation', 'idle', 'overcommit']),
  part: z.enum(['asked', 'shared', 'other']),
  keys: z.array(z.string()),
  common_namespace: z.string(),
  common_controller_kind: z.string(),
  common_controller: z.string(),
  labels: z.record(z.string(), z.string()),
  first_s: z.number(),
  last_s: z.number(),
  first_gap_ms: z.number(),
  last_run_ms: z.number(),
  cpu_core_seconds: z.number(),
  cpu_request_core_seconds: z.number(),
  cpu_usage_core_seconds: z.number(),
  ram_byte_seconds: z.number(),
  ram_request_byte_seconds: z.number(),
  ram_usage_byte_seconds: z.number(),
  network_received_bytes: z.number(),
  network_sent_bytes: z.number(),
  cpu_cost: z.string(),
  ram_cost: z.string(),
});
export type CutRow = z.infer<typeof CutRow>;

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
export function settleSet(rows: readonly CutRow[], context: SetContext): AllocationRow[] {
  const { idle, share } = context.question;
  const costs = new Map(rows.map((row) => [row, costsOf(row)]));
  const cutOf = (row: CutRow): Cut => ({
    place: placeOf(row),
    key: keyOf(row.keys),
    part: row.part,
    costs: costs.get(row) ?? NO_COSTS,
  });
  const leftovers = rows.flatMap((row): (Leftover & { row: CutRow })[] =>
    row.kind === 'allocation' ? [] : [{ ...cutOf(row), kind: row.kind, isAsked: row.part === 'asked', row }],
  );
  const cuts = rows.filter(({ kind }) => kind === 'allocation').map(cutOf);
  const fixed = monthlyOver(share.monthly, context.window);
  const settled = shareOut(cuts, leftovers, { idle, split: share.split, fixed });
  const byKey = Map.groupBy(
    rows.filter(({ kind, part }) => kind === 'allocation' && part === 'asked'),
    ({ keys }) => keyOf(keys),
  );
  const allocations = [...settled.rows].map(([key, shares]): AllocationRow => {
    const own = byKey.get(key) ?? [];
    return { ...mergedOf(own, context), kind: 'allocation', values: own[0]?.keys ?? [], ...shares };
  });
  return [...allocations, ...leftRows(settled.leftovers, rows, context), ...unsharedRow(settled.unshared, context)];
}

/** Idle and overcommitment in a row each, or in one for each place. */
function leftRows(leftovers: readonly Leftover[], rows: readonly CutRow[], context: SetContext): AllocationRow[] {
  const { splitIdle } = context.question;
  const source = Map.groupBy(
    rows.filter(({ kind }) => kind !== 'allocation'),
    (row) => `${row.kind} ${placeOf(row)} ${row.part === 'asked'}`,
  );
  const byRow = Map.groupBy(leftovers, ({ kind, place }) => (splitIdle ? `${kind} ${place}` : kind));
  return [...byRow.values()].map((parts): AllocationRow => {
    const own = parts.flatMap(({ kind, place, isAsked }) => source.get(`${kind} ${place} ${isAsked}`) ?? []);
    const [first] = own;
    const costs = parts.reduce((sum, part) => addCosts(sum, part.costs), NO_COSTS);
    const merged = mergedOf(own, { ...context, toTheDay: true });
    return {
      ...merged,
      kind: parts[0]?.kind ?? 'idle',
      values: splitIdle && first ? [placeName(first, context)] : [],
      amounts: scaled(merged.amounts, costs, own.map(costsOf).reduce(addCosts, NO_COSTS)),
      costs,
      idle: NO_IDLE,
      shared: ZERO,
    };
  });
}

function unsharedRow(unshared: Money, { window }: SetContext): AllocationRow[] {
  if (unshared === ZERO) return [];
  const common = { cluster: '', namespace: '', controllerKind: '', controller: '' };
  const nothing = { labels: {}, amounts: NO_AMOUNTS, costs: NO_COSTS, idle: NO_IDLE };
  return [{ ...nothing, ...window, kind: 'shared', values: [], common, shared: unshared }];
}

const NO_AMOUNTS: Amounts = {
  cpuCoreSeconds: 0,
  cpuRequestCoreSeconds: 0,
  cpuUsageCoreSeconds: 0,
  ramByteSeconds: 0,
  ramRequestByteSeconds: 0,
  ramUsageByteSeconds: 0,
  networkReceivedBytes: 0,
  networkSentBytes: 0,
};

function mergedOf(rows: readonly CutRow[], context: SetContext) {
  const [first] = rows;
  return {
    common: commonOf(rows, context),
    labels: rows.length === 1 && first ? first.labels : {},
    ...runOf(rows, context),
    amounts: rows.map(amountsOf).reduce(addAmounts, NO_AMOUNTS),
  };
}

function commonOf(rows: readonly CutRow[], { names }: SetContext): CommonProperties {
  const common = (pick: (row: CutRow) => string) => {
    const values = new Set(rows.map(pick));
    return values.size === 1 ? ([...values][0] ?? '') : '';
  };
  const isAllocation = rows[0]?.kind === 'allocation';
  return {
    cluster: common(({ cluster }) => names.get(cluster) ?? cluster),
    namespace: isAllocation ? common((row) => row.common_namespace) : '',
    controllerKind: common((row) => row.common_controller_kind),
    controller: common((row) => row.common_controller),
  };
}

/**
 * A run begins so late in its first hour that it fills the rest, ends so early in its last, and never goes beyond the
 * window or now. Of one hour alone nobody knows which part of it ran: then it begins with it.
 */
function runOf(rows: readonly CutRow[], { window, now, toTheDay }: SetContext): Window {
  const starts = rows.map(({ first_s, last_s, first_gap_ms }) =>
    toTheDay ? dayStart(first_s * SECOND_MS) : first_s * SECOND_MS + (first_s === last_s ? 0 : first_gap_ms),
  );
  const ends = rows.map(({ last_s, last_run_ms }) =>
    toTheDay ? dayStart(last_s * SECOND_MS) + DAY_MS : last_s * SECOND_MS + (last_run_ms || HOUR_MS),
  );
  const start = Math.max(window.start, least(starts));
  const until = Math.min(window.end, Math.max(now, start));
  return { start, end: Math.max(start, Math.min(until, -least(ends.map((end) => -end)))) };
}

/** A row may be of too many cuts for the arguments of one call. */
function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function amountsOf(row: CutRow): Amounts {
  return {
    cpuCoreSeconds: row.cpu_core_seconds,
    cpuRequestCoreSeconds: row.cpu_request_core_seconds,
    cpuUsageCoreSeconds: row.cpu_usage_core_seconds,
    ramByteSeconds: row.ram_byte_seconds,
    ramRequestByteSeconds: row.ram_request_byte_seconds,
    ramUsageByteSeconds: row.ram_usage_byte_seconds,
    networkReceivedBytes: row.network_received_bytes,
    networkSentBytes: row.network_sent_bytes,
  };
}

function addAmounts(a: Amounts, b: Amounts): Amounts {
  return {
    cpuCoreSeconds: a.cpuCoreSeconds + b.cpuCoreSeconds,
    cpuRequestCoreSeconds: a.cpuRequestCoreSeconds + b.cpuRequestCoreSeconds,
    cpuUsageCoreSeconds: a.cpuUsageCoreSeconds + b.cpuUsageCoreSeconds,
    ramByteSeconds: a.ramByteSeconds + b.ramByteSeconds,
    ramRequestByteSeconds: a.ramRequestByteSeconds + b.ramRequestByteSeconds,
    ramUsageByteSeconds: a.ramUsageByteSeconds + b.ramUsageByteSeconds,
    networkReceivedBytes: a.networkReceivedBytes + b.networkReceivedBytes,
    networkSentBytes: a.networkSentBytes + b.networkSentBytes,
  };
}

/** Of what stood idle, as much as stayed of its cost. */
function scaled(amounts: Amounts, costs: Costs, all: Costs): Amounts {
  const part = (of: Money, whole: Money) =>
    whole === ZERO || of === whole ? 1 : moneyToNumber(of) / moneyToNumber(whole);
  return {
    ...amounts,
    cpuCoreSeconds: amounts.cpuCoreSeconds * part(costs.cpu, all.cpu),
    ramByteSeconds: amounts.ramByteSeconds * part(costs.ram, all.ram),
  };
}

function costsOf(row: CutRow): Costs {
  const known = Object.entries(COST_COLUMNS).map(([resource, column]) => [resource, parseMoney(row[column])] as const);
  return { ...NO_COSTS, ...Object.fromEntries(known) };
}

const MONTH_MS = BigInt(730 * HOUR_MS);

/** Of an amount per month of 730 hours. Counted from the epoch, so that the parts of a window add up to the whole. */
function monthlyOver(monthly: Money, { start, end }: Window): Money {
  const until = (at: number) => portionOf(monthly, BigInt(at), MONTH_MS);
  return subtractMoney(until(end), until(start));
}

function placeOf({ cluster, place }: CutRow): string {
  return `${cluster}/${place}`;
}

function placeName({ cluster, place }: CutRow, { names }: SetContext): string {
  return place === '' ? (names.get(cluster) ?? cluster) : place;
}

/** Rows of one name are one row: a label's value may hold the slash that stands between values. */
function keyOf(values: readonly string[]): string {
  return values.map((value) => value || UNALLOCATED).join('/');
}
