import { type Metrics, SECONDS_BUCKETS } from '../lib/metrics.ts';
import type { IntakeObserver } from './group-commit.ts';

/** An observer that counts what the intake does. */
export function createIntakeMetrics(metrics: Metrics): IntakeObserver {
  const rows = metrics.counter({
    name: 'kubetally_intake_samples_total',
    help: 'Samples (rows of containers and nodes) by what became of them: durable, or failed and their senders told so.',
    labels: ['outcome'],
  });
  const queueRows = metrics.gauge({
    name: 'kubetally_intake_queue_rows',
    help: 'Sample rows that wait to be written, those being written included.',
  });
  const queueBytes = metrics.gauge({
    name: 'kubetally_intake_queue_bytes',
    help: 'Estimated memory of the rows that wait to be written.',
  });
  const inserts = metrics.histogram({
    name: 'kubetally_intake_insert_seconds',
    help: 'Time to write one group of rows, encoding included.',
    buckets: SECONDS_BUCKETS,
  });
  return {
    queued({ rows, bytes }) {
      queueRows.set(rows);
      queueBytes.set(bytes);
    },
    inserted({ rows: written, seconds, error }) {
      rows.add(written, { outcome: error ? 'failed' : 'durable' });
      inserts.observe(seconds);
    },
  };
}
