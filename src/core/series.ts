/**
 * Prometheus series and their points, as remote write and pulls bring them. The rollup assembles usage from them inside
 * the engine; nothing here knows what a metric means.
 */

/** One series: its metric, the labels that name a Kubernetes thing taken out of the others, and an id that follows from all of them. */
export interface Series {
  /** Hash of all labels, the metric among them: the same series has the same id from any sender. Unsigned, 64 bits. */
  readonly id: bigint;
  readonly metric: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  readonly node: string;
  /** Every other label. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Points of many series, by column: there are too many of them for an object each. The arrays have one length. */
export interface PointBlock {
  /** Series that may not have been told yet today; the store keeps one row a series and day. */
  readonly series: readonly Series[];
  readonly ids: BigUint64Array;
  /** Milliseconds since the epoch. */
  readonly ats: BigInt64Array;
  readonly values: Float64Array;
}
