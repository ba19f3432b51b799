import { z } from 'zod';
import { computeDueDays, RECENT_DAYS_MS } from '../ledger/days.ts';
import type { Hour } from '../ledger/hour.ts';
import { sumUpDueHours } from '../ledger/hour-sums.ts';
import { repriceFor } from '../ledger/reprice.ts';
import { dropExpired, type Retention } from '../ledger/retention.ts';
import { computeDueHours, dropScratch, newestVersion, type RollupDeps } from '../ledger/rollup.ts';
import { createVersions, type Versions } from '../ledger/versions.ts';
import { type Clock, dayStart, HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { JobState } from '../store/relational/job-state.ts';
import type { Lease } from '../store/relational/leases.ts';
import type { PriceVersions } from '../store/relational/price-versions.ts';
import type { LeasedJob } from './leased-loop.ts';

/**
 * Keeps the ledger true: hours whose samples changed, hours whose price changed, days whose hours changed, and what has
 * outlived its retention. One holder does all of it, in this order, so that no two of them write the same hour at once.
 */
export interface LedgerJobDeps extends Omit<RollupDeps, 'prices'> {
  readonly prices: Pick<PriceVersions, 'effectiveAt' | 'arrivedAfter'>;
  readonly jobState: JobState;
  readonly retention: Retention;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observe?: LedgerObserver;
}

export interface LedgerObserver {
  /** `freshAsOfMs`: every sample that was durable by then is in the answers; `undefined` while hours are left to do. */
  pass(result: { hours: number; failures: number; seconds: number; freshAsOfMs: number | undefined }): void;
}

/** What survives a restart. Losing it means looking at everything once. */
const Progress = z.object({ watermarkMs: z.number(), priceSeq: z.coerce.bigint() });
type Progress = z.infer<typeof Progress>;

const NAME = 'ledger';
/** Share of the time that computing may take: after a pass of a second, rest for as long. */
const REST_PER_WORK = 1;
/** Most versions touch no hour at all; one that touches a year of them is a run of its own. */
const PRICES_PER_RUN = 20;
const RETENTION_EVERY_MS = HOUR_MS;
/** Of hours that could not be summed up. */
const SUMS_AGAIN_MS = 10 * MINUTE_MS;
/** Some hundreds of kilobytes in a query. */
const ASIDE_MAX = 2_000;
/** The watermark is written when it moved this far: it only spares work. */
const PROGRESS_EVERY_MS = MINUTE_MS;

/** What one holder of the lease remembers between its runs. */
interface Tenure {
  readonly lease: Lease;
  readonly versions: Versions;
  progress: Progress;
  savedWatermarkMs: number;
  /** Days from here on may be out of date; 0 at first, to look at all of them once. */
  daysFromMs: number;
  retentionAtMs: number;
  /** Hours from here on may be without sums, beside those of days that may be out of date. */
  sumsFromMs: number;
  /** Not before then are hours summed up again. */
  sumsAtMs: number;
  /** Hours that could not be computed, passed over for as long as there are others to compute. */
  aside: readonly Hour[];
}

export function createLedgerJob(deps: LedgerJobDeps): LeasedJob {
  let tenure: Tenure | undefined;
  return {
    name: NAME,
    async run(lease, signal) {
      const current = tenure?.lease.fence === lease.fence ? tenure : await begin(deps, lease, signal);
      tenure = current;
      return runOnce(deps, current, signal);
    },
  };
}

async function begin(deps: LedgerJobDeps, lease: Lease, signal: AbortSignal): Promise<Tenure> {
  await dropScratch(deps.columnar, signal);
  const stored = Progress.safeParse(await deps.jobState.get(NAME));
  const progress = stored.success ? stored.data : { watermarkMs: 0, priceSeq: 0n };
  return {
    lease,
    versions: createVersions(lease.fence, await newestVersion(deps.columnar, signal)),
    progress,
    savedWatermarkMs: progress.watermarkMs,
    daysFromMs: 0,
    retentionAtMs: 0,
    sumsFromMs: 0,
    sumsAtMs: 0,
    aside: [],
  };
}

async function runOnce(deps: LedgerJobDeps, tenure: Tenure, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  const { versions } = tenure;
  const pass = await computeDueHours(
    deps,
    { sinceMs: tenure.progress.watermarkMs, versions, aside: tenure.aside },
    signal,
  );
  for (const { hour, error } of pass.failures) deps.log.error({ error, hour }, 'hour not computed; it stays due');
  tenure.aside = pass.more ? [...tenure.aside, ...pass.failures.map(({ hour }) => hour)].slice(-ASIDE_MAX) : [];
  noteDays(
    tenure,
    pass.hours.map(({ hour }) => hour),
  );
  const morePrices = await reprice(deps, tenure, signal);
  await sumUpHours(deps, tenure, signal);
  const days = await computeDueDays(deps, { fromMs: tenure.daysFromMs, versions }, signal);
  if (!days.more && !pass.more) tenure.daysFromMs = deps.clock.now() - RECENT_DAYS_MS;
  await expire(deps, tenure, signal);
  await saveProgress(deps, tenure, pass.watermarkMs);

  const workMs = performance.now() - began;
  deps.observe?.pass({
    hours: pass.hours.length,
    failures: pass.failures.length,
    seconds: workMs / 1000,
    freshAsOfMs: pass.freshAsOfMs,
  });
  if (pass.more || days.more || morePrices) return 0;
  return Math.max(deps.intervalMs, workMs * REST_PER_WORK);
}

/** Answers do without the sums of hours, only slower: what fails here must not stop the rollup, nor be tried over and over. */
async function sumUpHours(deps: LedgerJobDeps, tenure: Tenure, signal: AbortSignal): Promise<void> {
  const now = deps.clock.now();
  if (now < tenure.sumsAtMs) return;
  const fromMs = Math.min(tenure.daysFromMs, tenure.sumsFromMs);
  const { failures, more } = await sumUpDueHours(deps, { fromMs, versions: tenure.versions }, signal);
  tenure.sumsFromMs = more || failures.length > 0 ? fromMs : Number.POSITIVE_INFINITY;
  for (const { hour, error } of failures) {
    deps.log.error({ error, hour }, 'hour not summed up; it is read by container');
  }
  if (failures.length > 0) tenure.sumsAtMs = now + SUMS_AGAIN_MS;
}

/** Returns whether more price versions are waiting than one run takes. */
async function reprice(deps: LedgerJobDeps, tenure: Tenure, signal: AbortSignal): Promise<boolean> {
  const arrived = await deps.prices.arrivedAfter(tenure.progress.priceSeq, PRICES_PER_RUN);
  for (const version of arrived) {
    const { hours, earliestMs } = await repriceFor(deps, { version, versions: tenure.versions }, signal);
    if (earliestMs !== undefined) noteDays(tenure, [earliestMs]);
    if (hours > 0) deps.log.info({ priceVersion: version.id, hours }, 'hours priced again');
    tenure.progress = { ...tenure.progress, priceSeq: version.seq };
    await persist(deps, tenure);
  }
  return arrived.length === PRICES_PER_RUN;
}

async function expire(deps: LedgerJobDeps, tenure: Tenure, signal: AbortSignal): Promise<void> {
  const now = deps.clock.now();
  if (now < tenure.retentionAtMs) return;
  tenure.retentionAtMs = now + RETENTION_EVERY_MS;
  const dropped = await dropExpired(deps.columnar, { retention: deps.retention, now }, signal);
  if (dropped.length > 0) deps.log.info({ dropped }, 'expired partitions dropped');
}

async function saveProgress(deps: LedgerJobDeps, tenure: Tenure, watermarkMs: number): Promise<void> {
  tenure.progress = { ...tenure.progress, watermarkMs };
  if (watermarkMs - tenure.savedWatermarkMs >= PROGRESS_EVERY_MS) await persist(deps, tenure);
}

async function persist(deps: LedgerJobDeps, tenure: Tenure): Promise<void> {
  const { watermarkMs, priceSeq } = tenure.progress;
  await deps.jobState.put(NAME, { watermarkMs, priceSeq: priceSeq.toString() }, deps.clock.now(), tenure.lease);
  tenure.savedWatermarkMs = watermarkMs;
}

function noteDays(tenure: Tenure, hours: readonly number[]): void {
  for (const hour of hours) tenure.daysFromMs = Math.min(tenure.daysFromMs, dayStart(hour));
}
