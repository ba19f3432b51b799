import type { SampleBatch } from '../core/samples.ts';
import { DAY_MS, MINUTE_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';

/**
 * The port of a source that is posted to: one body in, samples out. It knows a wire format and nothing of storage.
 *
 * A body whose envelope is wrong is refused whole, `AppError('invalid_payload')` with every problem named. A row that is
 * wrong is refused alone, and named in `rejected`; what is right beside it is kept. Nothing but `AppError` is thrown.
 */
export type ParsePost = (body: unknown, context: SourceContext) => ParsedPost;

export interface SourceContext {
  /** Milliseconds since the epoch, from the server's `Clock`. */
  readonly now: number;
  readonly limits: SourceLimits;
}

export interface SourceLimits {
  /** How far ahead of our clock a sample may be. */
  readonly futureMs: number;
  /** How old a sample may be; less than the samples' retention, or what was accepted would be dropped unread. */
  readonly ageMs: number;
  /** Rows (pods and nodes) of one post. */
  readonly rowsMax: number;
}

export const SOURCE_LIMITS: SourceLimits = { futureMs: 10 * MINUTE_MS, ageMs: 13 * DAY_MS, rowsMax: 100_000 };

export interface ParsedPost {
  /** The cluster as the sender calls it; null where the post does not say. Never trusted for more than a look-up. */
  readonly clusterName: string | null;
  readonly batch: SampleBatch;
  /** Rows of the post (pods and nodes) that were taken; with `rejectedCount` these are all of them. */
  readonly acceptedCount: number;
  readonly rejectedCount: number;
  /** The first refused rows, at most `REJECTED_SHOWN_MAX`. */
  readonly rejected: readonly RejectedRow[];
  readonly warnings: readonly string[];
}

export interface RejectedRow {
  /** Index of the row in its own list. */
  readonly row: number;
  /** Where in the body: `pod_metrics[3].containers[0].cpu_usage_millicores`. */
  readonly field: string;
  readonly message: string;
}

/** Throws `timestamp_out_of_range`, naming the limit, where `at` is too far ahead of our clock or too old. */
export function checkTimestamp(at: number, { now, limits }: SourceContext): void {
  if (at > now + limits.futureMs) {
    const minutes = limits.futureMs / MINUTE_MS;
    throw outOfRange(at, now, `at most ${minutes} minutes ahead of the server's clock`);
  }
  if (at < now - limits.ageMs) throw outOfRange(at, now, `at most ${limits.ageMs / DAY_MS} days old`);
}

/** Throws `limit_exceeded` where a post has more rows than one post may have. */
export function checkRowCount(rows: number, { limits }: SourceContext): void {
  if (rows <= limits.rowsMax) return;
  throw new AppError('limit_exceeded', `cannot accept ${rows} rows in one post; at most ${limits.rowsMax}`, {
    details: { rows, rowsMax: limits.rowsMax },
  });
}

function outOfRange(at: number, now: number, limit: string): AppError {
  const message = `cannot accept a timestamp of ${instantText(at)} at ${instantText(now)}; ${limit}`;
  return new AppError('timestamp_out_of_range', message, { details: { field: 'timestamp', limit } });
}

function instantText(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? `${at} ms` : date.toISOString();
}
