import type { PointBlock } from '../../core/series.ts';

/** Why samples are left out on purpose: no fault of their sender's. */
export const DROP_REASONS = ['not_kept', 'stale_marker', 'not_a_number', 'histogram', 'exemplar'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Why samples are refused: whoever sent them should know. */
export const REFUSE_REASONS = ['bad_labels', 'too_old', 'in_future'] as const;
export type RefuseReason = (typeof REFUSE_REASONS)[number];

/** What a write request held. */
export interface ParsedWrite {
  /** By the cluster that the series name; `null` are those that name none. */
  readonly clusters: readonly ClusterWrite[];
  readonly counts: WriteCounts;
  /** To be called when every point is in the store: the series are then left out of the next requests of that day. */
  readonly durable: () => void;
}

export interface ClusterWrite {
  readonly clusterName: string | null;
  readonly points: PointBlock;
  /** The newest instant among the points, milliseconds; `null` where there is no point. */
  readonly newestAt: number | null;
}

export interface WriteCounts {
  /** Of the request, whatever became of them. */
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  readonly kept: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly refused: Readonly<Record<RefuseReason, number>>;
  /** The first refusal, in words; `null` where there was none. */
  readonly firstFault: string | null;
}

export function refusedCount({ refused }: WriteCounts): number {
  return REFUSE_REASONS.reduce((sum, reason) => sum + refused[reason], 0);
}
