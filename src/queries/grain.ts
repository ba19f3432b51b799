import { z } from 'zod';
import { ledgerHours } from '../core/coverage.ts';
import { DAY_SUMS } from '../core/day-sums.ts';
import { DAY_MS, dayStart } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { fillSql, readSql } from './statements.ts';

/**
 * Long windows are read by day where the day's sums are as new as its hours, and by hour elsewhere: at the edges, today, and
 * on the listed days. Which grain served it never changes an answer, because a day is the exact sum of its hours.
 */
export interface GrainPlan {
  /** Days read from their sums (`workload_days` and the others): [dayFrom, dayTo) as ISO dates; empty when equal. */
  readonly dayFrom: string;
  readonly dayTo: string;
  /** Among those, the cluster days that must be read from hours. */
  readonly exceptions: readonly (readonly [cluster: string, day: string])[];
}

/** Which tables are read: sums of whole days, hours, or both. */
export interface Grains {
  readonly days: boolean;
  readonly hours: boolean;
}

interface GrainRequest {
  readonly tenant: string;
  readonly clusters: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly now: number;
  /** Instants at which an answer is cut: a day that holds one is read by hour. */
  readonly cuts?: readonly number[];
}

/** With more days than this out of date, reading hours costs less than naming the exceptions. */
const EXCEPTIONS_MAX = 500;

const Exception = z.object({ cluster: z.string(), day: z.string() });

export async function planGrain(columnar: Columnar, request: GrainRequest, signal?: AbortSignal): Promise<GrainPlan> {
  const hours = ledgerHours(request);
  const from = Math.ceil(hours.start / DAY_MS) * DAY_MS;
  const to = Math.min(dayStart(hours.end), dayStart(request.now));
  const cut = cutDays(request.cuts ?? [], from, to);
  const isCutEverywhere = to <= from || cut.length * DAY_MS === to - from;
  if (isCutEverywhere || cut.length * request.clusters.length > EXCEPTIONS_MAX) return hoursOnly(hours.start);
  const [dayFrom, dayTo] = [isoDay(from), isoDay(to)];
  const rows = await columnar.rows(
    {
      sql: readSql('day-grains'),
      params: {
        tenant: request.tenant,
        clusters: request.clusters,
        day_from: dayFrom,
        day_to: dayTo,
        sums: DAY_SUMS,
        exceptions_max: EXCEPTIONS_MAX + 1,
      },
      row: Exception,
    },
    signal,
  );
  const outdated = rows.map(({ cluster, day }) => [cluster, day] as const);
  const exceptions = [...outdated, ...cut.flatMap((day) => request.clusters.map((cluster) => [cluster, day] as const))];
  if (exceptions.length > EXCEPTIONS_MAX) return hoursOnly(hours.start);
  return { dayFrom, dayTo, exceptions };
}

/** Which tables a plan reads for a window: a branch that could find nothing costs its planning all the same. */
export function grainsOf(
  { dayFrom, dayTo, exceptions }: GrainPlan,
  { start, end }: { start: number; end: number },
): Grains {
  const [from, to] = [Date.parse(dayFrom), Date.parse(dayTo)];
  return { days: from < to, hours: from !== start || to !== end || exceptions.length > 0 };
}

const OF_TENANT = 'tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}';
const EXCEPTIONS = '(SELECT arrayJoin(arrayZip({exception_clusters:Array(UUID)}, {exception_days:Array(Date)})))';
/** Which rows of the two grains a plan reads: never a cluster's day by both. Bound by `grainParams`, and the window. */
const OF_WINDOW = {
  day: `${OF_TENANT} AND day >= {day_from:Date} AND day < {day_to:Date}
    AND (cluster, day) NOT IN ${EXCEPTIONS}`,
  hour: `${OF_TENANT}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
    AND (day < {day_from:Date} OR day >= {day_to:Date} OR (cluster, day) IN ${EXCEPTIONS})`,
} as const;

/**
 * The SQL of one thing's leaves, `<name>-by-day` and `<name>-by-hour`, of the rows that are read where `{{of_window}}` stands: those
 * that are read, by the hour where nothing is.
 */
export function byGrain(name: string, { days, hours }: Grains): string[] {
  const leaves = (grain: 'day' | 'hour') => fillSql(readSql(`${name}-by-${grain}`), { of_window: OF_WINDOW[grain] });
  return [...(days ? [leaves('day')] : []), ...(hours || !days ? [leaves('hour')] : [])];
}

/** A plan as the engine's parameters; of no plan, hours alone. */
export function grainParams(plan: GrainPlan | undefined) {
  return {
    day_from: plan?.dayFrom ?? NO_DAY,
    day_to: plan?.dayTo ?? NO_DAY,
    exception_clusters: plan?.exceptions.map(([cluster]) => cluster) ?? [],
    exception_days: plan?.exceptions.map(([, day]) => day) ?? [],
  };
}

const NO_DAY = '1970-01-01';

/** Days that a cut goes through. */
function cutDays(cuts: readonly number[], from: number, to: number): string[] {
  const within = cuts.filter((at) => at > from && at < to && at % DAY_MS !== 0);
  return [...new Set(within.map(isoDay))];
}

function hoursOnly(start: number): GrainPlan {
  return { dayFrom: isoDay(start), dayTo: isoDay(start), exceptions: [] };
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
