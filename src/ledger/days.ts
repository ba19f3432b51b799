import { z } from 'zod';
import { DAY_SUMS } from '../core/sums.ts';
import { DAY_MS, HOUR_MS, isoDay } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { BALANCER_DAY, DAY_GRAIN, DIRTY_DAYS, NODE_DAY, VOLUME_DAY, WORKLOAD_DAY } from './statements.ts';
import type { Versions } from './versions.ts';

const DAYS_PER_PASS = 8;

const DirtyDay = z.object({
  tenant: z.string(),
  cluster: z.string(),
  day: z.string(),
  hours_version: z.string(),
  /** Not where only sums are missing that days had not at the time. */
  has_newer_hours: z.coerce.boolean(),
});

/** One insert is one block, so that a reader sees a table's old day or its new one. */
const ONE_BLOCK = { max_insert_threads: 1 };

/**
 * Sums up days that are over and whose hours changed, or that have not all sums yet. That they are as new as their hours is
 * written down last: until then they are read from these. Returns how many; as many as `DAYS_PER_PASS` means there may be more.
 */
export async function computeDueDays(
  { columnar }: { readonly columnar: Columnar },
  pass: { fromMs: number; versions: Versions },
  signal?: AbortSignal,
): Promise<{ days: number; more: boolean }> {
  const bounds = { from: isoDay(Math.max(0, pass.fromMs)), sums: DAY_SUMS, days_max: DAYS_PER_PASS };
  const due = await columnar.rows({ sql: DIRTY_DAYS, params: bounds, row: DirtyDay }, signal);
  for (const { tenant, cluster, day, hours_version, has_newer_hours } of due) {
    const params = { tenant, cluster, day, version: pass.versions.next().toString() };
    const sums = [...(has_newer_hours ? [WORKLOAD_DAY] : []), VOLUME_DAY, BALANCER_DAY, NODE_DAY];
    for (const sql of sums) await columnar.command({ sql, params, settings: ONE_BLOCK }, signal);
    await columnar.command({ sql: DAY_GRAIN, params: { ...params, hours_version, sums: DAY_SUMS } }, signal);
  }
  return { days: due.length, more: due.length === DAYS_PER_PASS };
}

/** How far back a pass looks for days to sum up again when only recent hours changed. */
export const RECENT_DAYS_MS = 2 * DAY_MS + HOUR_MS;
