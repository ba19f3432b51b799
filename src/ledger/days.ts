import { z } from 'zod';
import { DAY_MS, HOUR_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { DAY_GRAIN, DIRTY_DAYS, WORKLOAD_DAY } from './statements.ts';
import type { Versions } from './versions.ts';

const DAYS_PER_PASS = 8;

const DirtyDay = z.object({ tenant: z.string(), cluster: z.string(), day: z.string(), hours_version: z.string() });

/** Sums up days that are over and whose hours changed. Returns how many; as many as `DAYS_PER_PASS` means there may be more. */
export async function computeDueDays(
  deps: { readonly columnar: Columnar },
  pass: { fromMs: number; versions: Versions },
  signal?: AbortSignal,
): Promise<{ days: number; more: boolean }> {
  const due = await deps.columnar.rows(
    { sql: DIRTY_DAYS, params: { from: isoDay(pass.fromMs), days_max: DAYS_PER_PASS }, row: DirtyDay },
    signal,
  );
  for (const { tenant, cluster, day, hours_version } of due) {
    const params = { tenant, cluster, day, hours_version, version: pass.versions.next().toString() };
    await deps.columnar.command({ sql: WORKLOAD_DAY, params, settings: { max_insert_threads: 1 } }, signal);
    await deps.columnar.command({ sql: DAY_GRAIN, params }, signal);
  }
  return { days: due.length, more: due.length === DAYS_PER_PASS };
}

function isoDay(ms: number): string {
  return new Date(Math.max(0, ms)).toISOString().slice(0, 10);
}

/** How far back a pass looks for days to sum up again when only recent hours changed. */
export const RECENT_DAYS_MS = 2 * DAY_MS + HOUR_MS;
