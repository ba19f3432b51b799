import type { SampleBatch } from '../core/samples.ts';

/**
 * Where every source's samples go on their way to the columnar store.
 *
 * `accept` resolves when the batch is durable (it survives `kill -9`), and never before. Many callers share one insert
 * (group commit). The queue is bounded in rows: when it is full `accept` throws `AppError('intake_full')` at once, and
 * nothing of that batch is kept.
 */
export interface Intake {
  accept(target: IntakeTarget, batch: SampleBatch, signal?: AbortSignal): Promise<void>;
  /** Waits for what was accepted, then refuses everything. */
  close(): Promise<void>;
}

/** Tenant and cluster always come from the authenticated key and the registry, never from the payload. Both are UUIDs. */
export interface IntakeTarget {
  readonly tenant: string;
  readonly cluster: string;
}
