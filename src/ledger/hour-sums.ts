import { z } from 'zod';
import { HOUR_SUMS } from '../core/sums.ts';
import { isoDay, SECOND_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Hour } from './hour.ts';
import { DIRTY_HOUR_SUMS, HOURS_SUMMED, WORKLOAD_HOURS } from './statements.ts';
import { hoursParams } from './told.ts';
import type { Versions } from './versions.ts';

/** Of one statement, and so of one cluster: as much as a day. */
const HOURS_AT_ONCE = 24;
const HOURS_PER_PASS = 8 * HOURS_AT_ONCE;

const DirtyHour = z.object({
  tenant: z.string(),
  cluster: z.string(),
  hour_s: z.coerce.number(),
  hour_version: z.string().transform(BigInt),
});
type DirtyHour = z.infer<typeof DirtyHour>;

/** One insert is one block, so that a reader sees old sums or new ones. */
const ONE_BLOCK = { max_insert_threads: 1, max_threads: 2, max_threads_min_free_memory_per_thread: 0 };

export interface SummedHours {
  /** How many have their sums now. */
  readonly hours: number;
  /** There may be older ones than one pass takes. */
  readonly more: boolean;
  /** Hours that could not be summed up, with why. They are read container by container, and stay due. */
  readonly failures: readonly { readonly hour: Hour; readonly error: unknown }[];
}

/**
 * Sums up hours by workload that were computed since they were summed, or never were. That an hour has its sums is written down last:
 * until then it is read container by container. What one pass leaves is older, and waits for the next.
 */
export async function sumUpDueHours(
  { columnar }: { readonly columnar: Pick<Columnar, 'rows' | 'command'> },
  pass: { fromMs: number; versions: Versions },
  signal?: AbortSignal,
): Promise<SummedHours> {
  const bounds = { from: isoDay(Math.max(0, pass.fromMs)), sums: HOUR_SUMS, hours_max: HOURS_PER_PASS };
  const due = await columnar.rows({ sql: DIRTY_HOUR_SUMS, params: bounds, row: DirtyHour }, signal);
  const failures: { hour: Hour; error: unknown }[] = [];
  const sum = (hours: readonly DirtyHour[]) =>
    sumUp(columnar, { hours, version: pass.versions.next().toString() }, signal);
  for (const hours of statementsOf(due)) {
    // Where hours are too large to be summed up together, or one of them cannot be, the others must not wait for it.
    const failed = await failureOf(() => sum(hours), signal);
    if (failed === undefined) continue;
    for (const hour of hours) {
      const alone = hours.length > 1 ? await failureOf(() => sum([hour]), signal) : failed;
      if (alone !== undefined) failures.push({ hour: hourOf(hour), error: alone.error });
    }
  }
  return { hours: due.length - failures.length, more: due.length === HOURS_PER_PASS, failures };
}

/** Hours of one cluster each, so many at most. */
function statementsOf(due: readonly DirtyHour[]): DirtyHour[][] {
  const byCluster = Map.groupBy(due, ({ tenant, cluster }) => `${tenant}/${cluster}`);
  return [...byCluster.values()].flatMap((hours) =>
    Array.from({ length: Math.ceil(hours.length / HOURS_AT_ONCE) }, (_, at) =>
      hours.slice(at * HOURS_AT_ONCE, (at + 1) * HOURS_AT_ONCE),
    ),
  );
}

async function failureOf(work: () => Promise<void>, signal?: AbortSignal): Promise<{ error: unknown } | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    return { error };
  }
}

function hourOf({ tenant, cluster, hour_s }: DirtyHour): Hour {
  return { tenant, cluster, hour: hour_s * SECOND_MS };
}

async function sumUp(
  columnar: Pick<Columnar, 'command'>,
  { hours, version }: { hours: readonly DirtyHour[]; version: string },
  signal?: AbortSignal,
): Promise<void> {
  const [first] = hours;
  if (!first) return;
  const starts = hours.map(({ hour_s }) => hour_s * SECOND_MS);
  const of = { tenant: first.tenant, cluster: first.cluster, ...hoursParams(starts) };
  await columnar.command({ sql: WORKLOAD_HOURS, params: { ...of, version }, settings: ONE_BLOCK }, signal);
  const summed = { ...of, hour_versions: hours.map(({ hour_version }) => hour_version), sums: HOUR_SUMS };
  await columnar.command({ sql: HOURS_SUMMED, params: summed }, signal);
}
