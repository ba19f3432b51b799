import { type Clock, SECOND_MS } from '../lib/clock.ts';
import { type Metrics, SECONDS_BUCKETS } from '../lib/metrics.ts';
import type { LedgerObserver } from './ledger-job.ts';

export interface LedgerMetrics extends LedgerObserver {
  /** Every sample that was durable by then is in the answers; `null` before the first full pass of this process. */
  freshAsOf(): number | null;
}

/** What the ledger's job does, for Prometheus and for the health of the service. */
export function createLedgerMetrics(metrics: Metrics, clock: Clock): LedgerMetrics {
  let freshAsOfMs: number | null = null;
  const hours = metrics.counter({
    name: 'kubetally_ledger_hours_total',
    help: 'Cluster hours computed, by outcome.',
    labels: ['outcome'],
  });
  const seconds = metrics.histogram({
    name: 'kubetally_ledger_pass_seconds',
    help: 'How long a look for due hours, and computing them, took.',
    buckets: SECONDS_BUCKETS,
  });
  metrics.observedGauge(
    {
      name: 'kubetally_ledger_lag_seconds',
      help: 'Age of the newest moment whose samples are all in the answers. NaN on a replica that computes none.',
    },
    () => (freshAsOfMs === null ? null : (clock.now() - freshAsOfMs) / SECOND_MS),
  );
  return {
    freshAsOf: () => freshAsOfMs,
    pass(result) {
      hours.add(result.hours, { outcome: 'computed' });
      hours.add(result.failures, { outcome: 'failed' });
      seconds.observe(result.seconds);
      freshAsOfMs = result.freshAsOfMs ?? freshAsOfMs;
    },
  };
}
