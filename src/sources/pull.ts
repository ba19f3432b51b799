import type { SampleBatch, SourceName } from '../core/samples.ts';

/**
 * The port of a source that is asked: a window of the past in, samples out. It knows an API of others and nothing of
 * storage, schedules or cursors; whoever drives it (jobs/pull-job.ts) keeps those.
 *
 * A pull is repeatable: the same window asked again gives the same rows, so a window that was half done is simply done again.
 */
export interface PullSource {
  readonly source: SourceName;
  /**
   * Yields what `[from, to)` holds, in order of time, piece by piece: when a piece is durable, all before `through` is.
   * Throws `upstream_unavailable` (try again after its `retryAfterSeconds`) or `upstream_refused` (a person must look).
   */
  pull(window: PullWindow, signal: AbortSignal): AsyncIterable<PulledPiece>;
}

export interface PullWindow {
  /** Milliseconds since the epoch, both. */
  readonly from: number;
  readonly to: number;
}

export interface PulledPiece {
  /** By the cluster's name as the upstream knows it; `null` where the configuration alone can tell. */
  readonly batches: readonly { readonly clusterName: string | null; readonly batch: SampleBatch }[];
  /** Milliseconds: the window is done up to here. */
  readonly through: number;
  /** Rows that could not be read, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** What the upstream said of its own answer: partial responses, truncated results. */
  readonly warnings: readonly string[];
}
