import { z } from 'zod';
import { HOUR_SUMS } from '../core/sums.ts';
import { isoDay, SECOND_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
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

/**
 * Sums up hours by workload that were computed since they were summed, or never were. That an hour has its sums is written down last:
 * until then it is read container by container. Returns how many; what is left is older, and waits for the next pass.
 */
export async function sumUpDueHours(
  { columnar }: { readonly columnar: Columnar },
  pass: { fromMs: number; versions: Versions },
  signal?: AbortSignal,
): Promise<number> {
  const bounds = { from: isoDay(Math.max(0, pass.fromMs)), sums: HOUR_SUMS, hours_max: HOURS_PER_PASS };
  const due = await columnar.rows({ sql: DIRTY_HOUR_SUMS, params: bounds, row: DirtyHour }, signal);
  const byCluster = Map.groupBy(due, ({ tenant, cluster }) => `${tenant}/${cluster}`);
  for (const ofCluster of byCluster.values()) {
    for (let at = 0; at < ofCluster.length; at += HOURS_AT_ONCE) {
      const version = pass.versions.next().toString();
      await sumUp(columnar, { hours: ofCluster.slice(at, at + HOURS_AT_ONCE), version }, signal);
    }
  }
  return due.length;
}

async function sumUp(
  columnar: Columnar,
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
