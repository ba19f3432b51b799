import { z } from 'zod';
import { MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { PriceVersions } from '../store/relational/price-versions.ts';
import { computeHour, type Hour, type HourOptions, instant } from './hour.ts';
import { SCRATCH_PREFIX } from './scratch.ts';
import { DIRTY_HOURS, DROP_SCRATCH, SETTLED_HOURS } from './statements.ts';
import { type HourLook, type HourReport, surveySamples } from './survey.ts';
import { arrivalsOf, type ClusterHours, hoursParams, type Told, toldOfHours } from './told.ts';
import type { Versions } from './versions.ts';

/**
 * Which hours are due is read from the samples themselves, by the engine's clock: nothing needs to be told, and nothing is
 * forgotten in a crash. The watermark only spares looking at what has long been settled; losing it costs time, not data.
 */
export interface RollupDeps {
  readonly columnar: Columnar;
  readonly prices: Pick<PriceVersions, 'effectiveAt'>;
  readonly options: HourOptions;
}

export interface PassResult {
  readonly hours: readonly Hour[];
  /** Hours that could not be computed, with why. They stay due. */
  readonly failures: readonly { hour: Hour; error: unknown }[];
  /** More hours are due than one pass computes: call again at once. */
  readonly more: boolean;
  /** From where the next pass has to look (engine clock). */
  readonly watermarkMs: number;
  /** Every sample that was durable by then is in the ledger (engine clock); `undefined` while hours are left to do. */
  readonly freshAsOfMs: number | undefined;
}

/** An insert that began may take this long to show; it is bounded by the intake's own time limit. */
const SETTLE_MS = MINUTE_MS;
/** How far behind the newest look a pass begins: settling, and a margin for a slow pass. */
const OVERLAP_MS = 3 * SETTLE_MS;
/** Of the present, and as many of the past: so that the newest hour never waits long behind a backlog. */
const HOURS_PER_PASS = 24;

const DirtyHour = z.object({
  tenant: z.string(),
  cluster: z.string(),
  hour_s: z.coerce.number(),
  seen_ms: z.coerce.number(),
  looked_ms: z.coerce.number(),
  /** Nothing has arrived that the ledger does not know of, as far as stamps tell. */
  settles: z.coerce.boolean(),
  arrivals: z.string(),
  present: z.coerce.boolean(),
});

type DirtyHour = z.infer<typeof DirtyHour>;

const EngineClock = z.object({ now_ms: z.coerce.number() });

/**
 * Computes hours that are due. `sinceMs` is the last pass's watermark, 0 to look at everything. Hours
 * `aside` are passed over, so that some that cannot be computed never stand in the way of all others.
 */
export async function computeDueHours(
  deps: RollupDeps,
  pass: { sinceMs: number; versions: Versions; aside?: readonly Hour[] },
  signal?: AbortSignal,
): Promise<PassResult> {
  const startedMs = await engineNow(deps.columnar, signal);
  const aside = (pass.aside ?? []).map(({ tenant, cluster, hour }) => `${tenant}/${cluster}/${hour / SECOND_MS}`);
  const due = await deps.columnar.rows(
    {
      sql: DIRTY_HOURS,
      params: { since: instant(pass.sinceMs), settle_s: SETTLE_MS / SECOND_MS, hours_max: HOURS_PER_PASS, aside },
      row: DirtyHour,
    },
    signal,
  );
  const hours: Hour[] = [];
  const failures: { hour: Hour; error: unknown }[] = [];
  const computeOne = async ({ row, ...look }: SurveyedHour): Promise<void> => {
    const hour = hourOf(row);
    const [price] = await deps.prices.effectiveAt(hour.tenant, hour.cluster, [hour.hour]);
    if (!price) throw new Error(`no price version for hour ${new Date(hour.hour).toISOString()}`);
    const seen = { seenMs: row.seen_ms, computedMs: row.looked_ms };
    const input = { ...hour, ...look, ...seen, price, version: pass.versions.next() };
    await computeHour(deps.columnar, input, deps.options, signal);
    hours.push(hour);
  };
  const orFail = async (row: DirtyHour, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      signal?.throwIfAborted();
      failures.push({ hour: hourOf(row), error });
    }
  };
  // The present does not wait for what there is to look at of the past.
  for (const present of [true, false]) {
    const work: SurveyedHour[] = [];
    const look = async (rows: readonly DirtyHour[]) => void work.push(...(await unsettled(deps, rows, signal)));
    await inParallel(byCluster(due.filter((row) => row.present === present)), async (rows) => {
      const isSeen = await look(rows).then(
        () => true,
        () => false,
      );
      // One hour that cannot be looked at must not take the others with it.
      if (!isSeen) for (const row of rows) await orFail(row, () => look([row]));
    });
    await inParallel(work, (one) => orFail(one.row, () => computeOne(one)));
  }
  const more = [true, false].some((present) => due.filter((row) => row.present === present).length === HOURS_PER_PASS);
  const settled = !more && failures.length === 0 && aside.length === 0;
  return {
    hours,
    failures,
    more,
    watermarkMs: settled ? Math.max(0, startedMs - OVERLAP_MS) : pass.sinceMs,
    freshAsOfMs: settled ? startedMs : undefined,
  };
}

/** Every sight of every node is held while a survey runs: of 5,000 nodes and so many hours some 150 MB. */
const HOURS_PER_SURVEY = 6;

interface SurveyedHour extends HourLook {
  readonly row: DirtyHour;
}

/** Hours of one cluster that have to be computed. Of those that are just as they were computed it is written down that they were looked at. */
async function unsettled(
  { columnar, options: { holdMinMs } }: Pick<RollupDeps, 'columnar' | 'options'>,
  rows: readonly DirtyHour[],
  signal?: AbortSignal,
): Promise<readonly SurveyedHour[]> {
  const [first] = rows;
  if (!first) return [];
  const { tenant, cluster, looked_ms } = first;
  const told = await toldOfHours(columnar, { tenant, cluster, hours: rows.map(startOf) }, signal);
  const toldOf = (row: DirtyHour): readonly Told[] => told.get(startOf(row)) ?? [];
  const isSettled = (row: DirtyHour): boolean => row.settles && arrivalsOf(toldOf(row)) === row.arrivals;
  const settled = rows.filter(isSettled).map(startOf);
  if (settled.length > 0) await settle(columnar, { tenant, cluster, hours: settled }, { lookedMs: looked_ms, signal });
  const due = rows.filter((row) => !isSettled(row));
  const ofSamples = due.filter((row) => toldOf(row).some(({ shape }) => shape === 'samples')).map(startOf);
  const sampled = new Map<number, readonly HourReport[]>();
  for (let at = 0; at < ofSamples.length; at += HOURS_PER_SURVEY) {
    const hours = ofSamples.slice(at, at + HOURS_PER_SURVEY);
    const found = await surveySamples(columnar, { tenant, cluster, hours }, { holdMinMs, signal });
    for (const [hour, reports] of found) sampled.set(hour, reports);
  }
  return due.map((row) => ({ row, told: toldOf(row), sampled: sampled.get(startOf(row)) ?? [] }));
}

async function settle(
  columnar: Columnar,
  { tenant, cluster, hours }: ClusterHours,
  { lookedMs, signal }: { lookedMs: number; signal: AbortSignal | undefined },
): Promise<void> {
  const params = { tenant, cluster, ...hoursParams(hours), computed_at: instant(lookedMs) };
  await columnar.command({ sql: SETTLED_HOURS, params }, signal);
}

function startOf({ hour_s }: DirtyHour): number {
  return hour_s * SECOND_MS;
}

function hourOf(row: DirtyHour): Hour {
  return { tenant: row.tenant, cluster: row.cluster, hour: startOf(row) };
}

/** In the order in which the clusters first occur. */
function byCluster(rows: readonly DirtyHour[]): (readonly DirtyHour[])[] {
  return [...Map.groupBy(rows, ({ tenant, cluster }) => `${tenant}/${cluster}`).values()];
}

/** Each hour is planned on one core; two at a time keep both of a small machine busy and leave the engine's other places free. */
const HOURS_AT_ONCE = 2;

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: HOURS_AT_ONCE }, worker));
}

/** Drops scratch tables of hours that were never finished. Only whoever holds the ledger's lease may: nobody else has any. */
export async function dropScratch(columnar: Columnar, signal?: AbortSignal): Promise<void> {
  const tables = await columnar.rows(
    {
      sql: 'SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, {prefix:String})',
      params: { prefix: SCRATCH_PREFIX },
      row: z.object({ name: z.string() }),
    },
    signal,
  );
  for (const { name } of tables) await columnar.command({ sql: DROP_SCRATCH, params: { scratch: name } }, signal);
}

/** The greatest version any row of the ledger bears, 0 when it is empty. */
export async function newestVersion(columnar: Columnar, signal?: AbortSignal): Promise<bigint> {
  const sql = `SELECT toString(max(newest)) AS newest FROM
    (SELECT max(version) AS newest FROM cluster_hours UNION ALL SELECT max(version) AS newest FROM node_hours
     UNION ALL SELECT max(version) AS newest FROM workload_hours UNION ALL SELECT max(version) AS newest FROM day_grains)`;
  const [row] = await columnar.rows({ sql, row: z.object({ newest: z.string() }) }, signal);
  return BigInt(row?.newest ?? 0);
}

async function engineNow(columnar: Columnar, signal?: AbortSignal): Promise<number> {
  const sql = `SELECT toUnixTimestamp64Milli(now64(3, 'UTC')) AS now_ms`;
  const [row] = await columnar.rows({ sql, row: EngineClock }, signal);
  if (!row) throw new Error('the engine did not tell its time');
  return row.now_ms;
}
