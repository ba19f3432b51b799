import type { SampleBatch } from '../core/samples.ts';
import type { NativeSource } from '../store/columnar/columnar.ts';
import type { BatchFacts } from './sample-columns.ts';

/** The rows of one table that wait in a group, and where in a batch they come from. */
export interface Table {
  readonly name: string;
  rows(): number;
  /** How many rows the limits of the queue take these for: what is much smaller than a sample counts for less. */
  load(): number;
  /** A close estimate of the memory held. */
  bytes(): number;
  /** Throws where a row is none; what it returns takes the rows in and cannot fail. */
  prepare(batch: SampleBatch, facts: BatchFacts): () => void;
  /** What is to be inserted, one after another; more than one only where one statement cannot hold it. */
  encode(): Iterable<Uint8Array | NativeSource>;
}
