import type { ErrorCode } from '../lib/errors.ts';
import type { Metrics } from '../lib/metrics.ts';

/** Told of what pulls do, for metrics. `pull` is the name its configuration gives it. */
export interface PullObserver {
  pulled(pull: string, piece: { rows: number; refused: Readonly<Record<string, number>>; warnings: number }): void;
  /** How old the newest thing is that was pulled. */
  lag(pull: string, seconds: number): void;
  failed(pull: string, code: ErrorCode): void;
}

export function createPullMetrics(metrics: Metrics): PullObserver {
  const rows = metrics.counter({
    name: 'kubetally_pull_rows_total',
    help: 'Rows pulled and durable.',
    labels: ['pull'],
  });
  const refused = metrics.counter({
    name: 'kubetally_pull_refused_rows_total',
    help: 'Rows of an upstream that could not be taken, by reason.',
    labels: ['pull', 'reason'],
  });
  const warnings = metrics.counter({
    name: 'kubetally_pull_warnings_total',
    help: 'Warnings of an upstream about its own answers.',
    labels: ['pull'],
  });
  const failures = metrics.counter({
    name: 'kubetally_pull_failures_total',
    help: 'Pulls that failed, by error code; they are tried again.',
    labels: ['pull', 'code'],
  });
  const lag = metrics.gauge({
    name: 'kubetally_pull_lag_seconds',
    help: 'Age of the newest moment up to which everything was pulled.',
    labels: ['pull'],
  });
  return {
    pulled(pull, piece) {
      rows.add(piece.rows, { pull });
      for (const [reason, count] of Object.entries(piece.refused)) refused.add(count, { pull, reason });
      warnings.add(piece.warnings, { pull });
    },
    lag: (pull, seconds) => lag.set(seconds, { pull }),
    failed: (pull, code) => failures.add(1, { pull, code }),
  };
}
