import { ledgerHours, type Window } from '../core/coverage.ts';
import { DAY_MS, dayStart, isoDay } from '../lib/clock.ts';
import { engineInstant } from './engine-instant.ts';
import { fillSql, readSql } from './statements.ts';

/**
 * Long windows are read by day where the day's sums are as new as its hours, and by hour elsewhere: at the edges, today, and
 * on the listed days; what is asked of workloads, from sums of hours too, where they are there. Which grain served it never changes an
 * answer, because a day is the exact sum of its hours, and an hour of its containers.
 */
export interface GrainPlan {
  /** Days read from their sums (`workload_days` and the others): [dayFrom, dayTo) as ISO dates; empty when equal. */
  readonly dayFrom: string;
  readonly dayTo: string;
  /** Among those, the cluster days that must be read from hours. */
  readonly exceptions: readonly (readonly [cluster: string, day: string])[];
  /** Hours, by their start in seconds, that have no sums by workload; nothing where they are too many to be named. */
  readonly unsummed: readonly (readonly [cluster: string, hour: number])[] | undefined;
}

/** Which tables are read: sums of whole days, hours, or both. */
export interface Grains {
  readonly days: boolean;
  readonly hours: boolean;
  /** Which of the hours have no sums by workload, and are read container by container. */
  readonly unsummed: 'none' | 'some' | 'all';
}

/** By hour alone, and by container. */
export const HOURS_ALONE: Grains = { days: false, hours: true, unsummed: 'all' };

/** With more days out of date than this, or hours without sums, reading all of them costs less than naming the exceptions. */
export const EXCEPTIONS_MAX = 500;

/** Days of a window that may be read from their sums, as far as the window tells. */
export interface WholeDays {
  /** [from, to) as ISO dates; empty when equal. */
  readonly from: string;
  readonly to: string;
  /** Those that an answer is cut in: read by hour. */
  readonly cut: readonly string[];
}

interface DaysRequest extends Window {
  readonly clusters: readonly string[];
  readonly now: number;
  /** Instants at which an answer is cut: a day that holds one is read by hour. */
  readonly cuts?: readonly number[];
}

export function wholeDaysOf({ clusters, now, cuts = [], ...window }: DaysRequest): WholeDays {
  const hours = ledgerHours(window);
  const from = Math.ceil(hours.start / DAY_MS) * DAY_MS;
  const to = Math.min(dayStart(hours.end), dayStart(now));
  const cut = cutDays(cuts, from, to);
  const isCutEverywhere = to <= from || cut.length * DAY_MS === to - from;
  if (isCutEverywhere || cut.length * clusters.length > EXCEPTIONS_MAX) return noDays(hours.start);
  return { from: isoDay(from), to: isoDay(to), cut };
}

/** What is known of the hours and days of one cluster. */
export interface ClusterGrains {
  readonly cluster: string;
  /** Days whose sums are not, or no longer, as new as their hours. */
  readonly outdatedDays: readonly string[];
  /** Hours without sums, by their start in seconds, of days that are read by hour: as many as may be named, and one more where there are more. */
  readonly unsummedHours: readonly number[];
}

export function planGrain(days: WholeDays, known: readonly ClusterGrains[]): GrainPlan {
  const exceptions = known.flatMap(({ cluster, outdatedDays }) =>
    [...new Set([...outdatedDays, ...days.cut])].map((day) => [cluster, day] as const),
  );
  if (exceptions.length > EXCEPTIONS_MAX) {
    return { dayFrom: days.from, dayTo: days.from, exceptions: [], unsummed: undefined };
  }
  const unsummed = known.flatMap(({ cluster, unsummedHours }) => unsummedHours.map((hour) => [cluster, hour] as const));
  return {
    dayFrom: days.from,
    dayTo: days.to,
    exceptions,
    unsummed: unsummed.length > EXCEPTIONS_MAX ? undefined : unsummed,
  };
}

/** Which tables a plan reads for a window: a branch that could find nothing costs its planning all the same. */
export function grainsOf({ dayFrom, dayTo, exceptions, unsummed }: GrainPlan, { start, end }: Window): Grains {
  const [from, to] = [Date.parse(dayFrom), Date.parse(dayTo)];
  return {
    days: from < to,
    hours: from !== start || to !== end || exceptions.length > 0,
    unsummed: unsummed === undefined ? 'all' : unsummed.length > 0 ? 'some' : 'none',
  };
}

/** The part of a plan that is about some of its hours: days that they do not fill are read by the hour. */
export function planWithin(plan: GrainPlan, { start, end }: Window): GrainPlan {
  const from = Math.max(Date.parse(plan.dayFrom), Math.ceil(start / DAY_MS) * DAY_MS);
  const to = Math.min(Date.parse(plan.dayTo), dayStart(end));
  const [dayFrom, dayTo] = from < to ? [isoDay(from), isoDay(to)] : [isoDay(start), isoDay(start)];
  const exceptions = plan.exceptions.filter(([, day]) => day >= dayFrom && day < dayTo);
  return { ...plan, dayFrom, dayTo, exceptions };
}

const OF_TENANT = 'tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}';
const EXCEPTIONS = '(SELECT arrayJoin(arrayZip({exception_clusters:Array(UUID)}, {exception_days:Array(Date)})))';
/** Which rows of the two grains a plan reads: never a cluster's day by both. Bound by `grainParams`. */
const OF_WINDOW = {
  day: `${OF_TENANT} AND day >= {day_from:Date} AND day < {day_to:Date}
    AND (cluster, day) NOT IN ${EXCEPTIONS}`,
  hour: `${OF_TENANT}
    AND day >= toDate({read_start:DateTime64(3, 'UTC')}) AND day <= toDate({read_end:DateTime64(3, 'UTC')})
    AND hour >= {read_start:DateTime64(3, 'UTC')} AND hour < {read_end:DateTime64(3, 'UTC')}
    AND (day < {day_from:Date} OR day >= {day_to:Date} OR (cluster, day) IN ${EXCEPTIONS})`,
} as const;

const UNSUMMED = `(cluster, hour) IN (SELECT arrayJoin(arrayZip({unsummed_clusters:Array(UUID)}, {unsummed_hours:Array(DateTime('UTC'))})))`;

/**
 * The SQL of one thing's leaves, `<name>-by-day` and `<name>-by-hour`, of the rows that are read where `{{of_window}}` stands: those
 * that are read, by the hour where nothing is.
 */
export function byGrain(name: string, { days, hours }: Grains): string[] {
  const leaves = (grain: 'day' | 'hour') => fillSql(readSql(`${name}-by-${grain}`), { of_window: OF_WINDOW[grain] });
  return [...(days ? [leaves('day')] : []), ...(hours || !days ? [leaves('hour')] : [])];
}

const WORKLOADS = {
  day: { table: 'workload_days', at: "toDateTime(day, 'UTC')" },
  hour: { table: 'workload_hours', at: 'hour' },
} as const;

/** The same of workloads: `<name>-by-workload` reads the sums of days and of hours, `<name>-by-container` hours that have none. */
export function byWorkloadGrain(name: string, { days, hours, unsummed }: Grains): string[] {
  const summed = (grain: keyof typeof WORKLOADS, more = '') =>
    fillSql(readSql(`${name}-by-workload`), { ...WORKLOADS[grain], of_window: `${OF_WINDOW[grain]}${more}` });
  const byContainer = (more: string) =>
    fillSql(readSql(`${name}-by-container`), { of_window: `${OF_WINDOW.hour}${more}` });
  const ofHours = {
    none: () => [summed('hour')],
    some: () => [summed('hour', ` AND NOT ${UNSUMMED}`), byContainer(` AND ${UNSUMMED}`)],
    all: () => [byContainer('')],
  } as const satisfies Record<Grains['unsummed'], () => string[]>;
  return [...(days ? [summed('day')] : []), ...(hours || !days ? ofHours[unsummed]() : [])];
}

/**
 * A plan as the engine's parameters, and the hours that are read of it; of no plan, hours alone. These hours may be some of a window's:
 * what is told of nodes, namespaces and services over all of it has parameters of its own.
 */
export function grainParams(plan: GrainPlan | undefined, { start, end }: Window) {
  return {
    read_start: engineInstant(start),
    read_end: engineInstant(end),
    day_from: plan?.dayFrom ?? NO_DAY,
    day_to: plan?.dayTo ?? NO_DAY,
    exception_clusters: plan?.exceptions.map(([cluster]) => cluster) ?? [],
    exception_days: plan?.exceptions.map(([, day]) => day) ?? [],
    unsummed_clusters: plan?.unsummed?.map(([cluster]) => cluster) ?? [],
    unsummed_hours: plan?.unsummed?.map(([, hour]) => hour) ?? [],
  };
}

const NO_DAY = '1970-01-01';

/** Days that a cut goes through. */
function cutDays(cuts: readonly number[], from: number, to: number): string[] {
  const within = cuts.filter((at) => at > from && at < to && at % DAY_MS !== 0);
  return [...new Set(within.map(isoDay))];
}

function noDays(start: number): WholeDays {
  return { from: isoDay(start), to: isoDay(start), cut: [] };
}
