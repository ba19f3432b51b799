import { encodeNative } from '../store/columnar/native-block.ts';
import type { BatchFacts, SampleColumn } from './sample-columns.ts';

/** What a value costs in memory while it waits: a slot, and for some a number or a short text of its own. */
const VALUE_BYTES = 16;
/** So many columns at the end of each table's list. */
const TEXT_COLUMNS = 2;

interface PreparedRows {
  readonly rows: number;
  /** A close estimate of the memory held. */
  readonly bytes: number;
  /** One list per column. */
  readonly values: readonly (readonly unknown[])[];
}

/**
 * Samples taken apart into the columns of their table as they come, so that the objects of a request need not outlive it,
 * and writing a group is nothing but encoding it.
 */
export class ColumnBuffer<Sample> {
  readonly #columns: readonly { readonly column: SampleColumn<Sample>; readonly values: unknown[] }[];
  #rows = 0;
  #bytes = 0;

  constructor(columns: readonly SampleColumn<Sample>[]) {
    this.#columns = columns.map((column) => ({ column, values: [] }));
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The columns of `samples`, not yet part of the buffer; throws where a sample is none, and nothing has happened then. */
  prepare(samples: readonly Sample[], facts: BatchFacts): PreparedRows {
    const values = this.#columns.map(({ column }) => samples.map((sample) => column.of(sample, facts)));
    // Labels, and what stands before them: the columns of long texts that no other row shares.
    let textBytes = 0;
    for (const column of values.slice(-TEXT_COLUMNS)) {
      for (const value of column) if (typeof value === 'string') textBytes += value.length;
    }
    return { rows: samples.length, values, bytes: samples.length * values.length * VALUE_BYTES + textBytes };
  }

  append({ rows, bytes, values }: PreparedRows): void {
    for (const [index, { values: all }] of this.#columns.entries()) {
      for (const value of values[index] ?? []) all.push(value);
    }
    this.#rows += rows;
    this.#bytes += bytes;
  }

  encode(): Uint8Array {
    const told = this.#columns.filter(({ column, values }) => !column.rare || values.some((value) => value !== null));
    const columns = told.map(({ column: { name, type }, values }) => ({ name, type, values }));
    return encodeNative(columns, this.#rows);
  }
}
