import { MINUTE_MS, SECOND_MS } from '../../lib/clock.ts';

/** What one answer of an allocation API may cost us. */
export interface KubecostLimits {
  /** Until the answer begins: such servers compute an answer whole before they send its first byte. */
  readonly timeoutMs: number;
  /** Between two pieces of an answer that has begun. */
  readonly stallTimeoutMs: number;
  /** Of an answer after decompression. It is read as a stream and never held whole. */
  readonly bodyBytesMax: number;
  /** Of one allocation as JSON; a larger one is refused alone. */
  readonly allocationBytesMax: number;
  /** An hour with more facts than this is handed on in several pieces. */
  readonly factsPerPieceMax: number;
  /** Hours asked for in one request: it starts at 1, and grows while answers come fast. */
  readonly chunkHoursMax: number;
  /** An answer with more allocations than this is large enough: what is asked for at once grows no further. */
  readonly allocationsPerAnswerWanted: number;
}

export const KUBECOST_LIMITS: KubecostLimits = {
  timeoutMs: 2 * MINUTE_MS,
  stallTimeoutMs: 30 * SECOND_MS,
  bodyBytesMax: 2 ** 30,
  allocationBytesMax: 4 * 2 ** 20,
  factsPerPieceMax: 20_000,
  chunkHoursMax: 24,
  allocationsPerAnswerWanted: 50_000,
};
