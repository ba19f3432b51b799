import { setTimeout as delay } from 'node:timers/promises';
import { SECOND_MS } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Lease, Leases } from '../store/relational/leases.ts';

/**
 * Runs a job on one replica at a time: whoever holds the lease works, the others look now and then whether it lapsed.
 *
 * While a run goes on the lease is renewed beside it; when it cannot be renewed the run's signal is aborted. The fence of the
 * lease goes with every write of the job, so that a holder that was paused and comes back late cannot undo its successor's.
 */
export interface LeasedLoop {
  /** Ends the current run, gives the lease back. */
  stop(): Promise<void>;
}

export interface LeasedJob {
  readonly name: string;
  /** One run. Returns how long to wait until the next, in milliseconds. */
  run(lease: Lease, signal: AbortSignal): Promise<number>;
}

interface Deps {
  readonly leases: Leases;
  readonly holder: string;
  readonly log: Logger;
}

const LEASE_TTL_MS = 15 * SECOND_MS;
const RENEW_EVERY_MS = 5 * SECOND_MS;
const STANDBY_MS = 2 * SECOND_MS;
const FAILURE_PAUSE_MS = SECOND_MS;
const FAILURE_PAUSE_MAX_MS = 30 * SECOND_MS;

export function startLeasedLoop(deps: Deps, job: LeasedJob): LeasedLoop {
  const stopping = new AbortController();
  const ended = loop(deps, job, stopping.signal);
  return {
    async stop() {
      stopping.abort(new Error(`job ${job.name} is stopping`));
      await ended;
    },
  };
}

async function loop(deps: Deps, job: LeasedJob, stopping: AbortSignal): Promise<void> {
  let failures = 0;
  while (!stopping.aborted) {
    try {
      const lease = await deps.leases.acquire(job.name, deps.holder, LEASE_TTL_MS);
      if (lease) {
        try {
          await workWhileHeld(deps, job, { lease, stopping, onRun: () => (failures = 0) });
        } finally {
          await deps.leases.release(lease);
        }
      }
      await pause(STANDBY_MS, stopping);
    } catch (error) {
      if (stopping.aborted) return;
      failures += 1;
      const pauseMs = Math.min(FAILURE_PAUSE_MS * 2 ** (failures - 1), FAILURE_PAUSE_MAX_MS);
      deps.log.warn({ error, job: job.name, pauseMs }, 'job failed; it runs again after a pause');
      await pause(pauseMs, stopping);
    }
  }
}

interface Held {
  readonly lease: Lease;
  readonly stopping: AbortSignal;
  readonly onRun: () => void;
}

async function workWhileHeld(deps: Deps, job: LeasedJob, { lease, stopping, onRun }: Held): Promise<void> {
  const lost = new AbortController();
  const signal = AbortSignal.any([stopping, lost.signal]);
  const renewing = renewUntil(deps, lease, { signal, lost });
  try {
    while (!signal.aborted) {
      const waitMs = await job.run(lease, signal);
      onRun();
      await pause(waitMs, signal);
    }
  } finally {
    lost.abort();
    await renewing;
  }
}

async function renewUntil(
  { leases, log }: Deps,
  lease: Lease,
  { signal, lost }: { signal: AbortSignal; lost: AbortController },
): Promise<void> {
  let lastRenewed = performance.now();
  while (!signal.aborted) {
    await pause(RENEW_EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      if (!(await leases.renew(lease, LEASE_TTL_MS))) lost.abort(new Error(`lease ${lease.name} was taken over`));
      lastRenewed = performance.now();
    } catch (error) {
      log.warn({ error, job: lease.name }, 'lease not renewed');
      if (performance.now() - lastRenewed > LEASE_TTL_MS) lost.abort(new Error(`lease ${lease.name} lapsed`));
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
