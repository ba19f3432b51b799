import type { SampleBatch } from '../core/samples.ts';
import type { PointBlock } from '../core/series.ts';
import { encodeNative, repeatedValue } from '../store/columnar/native-block.ts';
import type { BatchFacts } from './sample-columns.ts';
import type { Table } from './table.ts';

/** An id, an instant and a value. */
const POINT_BYTES = 24;

/** A sample is a few hundred bytes in 25 columns. */
const POINTS_PER_ROW = 8;

/** Points as the rows that the limits take them for. */
export function loadOfPoints(points: number): number {
  return Math.ceil(points / POINTS_PER_ROW);
}

/** Points, which come as the columns that the engine reads: they are put one after another, and no value is looked at. */
export class PointTable implements Table {
  readonly name = 'points';
  readonly #blocks: { readonly points: PointBlock; readonly facts: BatchFacts }[] = [];
  #rows = 0;

  rows(): number {
    return this.#rows;
  }

  load(): number {
    return loadOfPoints(this.#rows);
  }

  bytes(): number {
    return this.#rows * POINT_BYTES;
  }

  prepare({ points }: SampleBatch, facts: BatchFacts): () => void {
    if (!points) return () => {};
    const { ids, ats, values } = points;
    if (ids.length !== ats.length || ids.length !== values.length) {
      throw new RangeError(`points of ${ids.length} ids, ${ats.length} instants and ${values.length} values`);
    }
    return () => {
      this.#blocks.push({ points, facts });
      this.#rows += ids.length;
    };
  }

  encode(): Uint8Array {
    const same = (type: string, of: (facts: BatchFacts) => string) =>
      this.#blocks.map(({ points, facts }) => repeatedValue(type, of(facts), points.ids.length));
    const each = (of: (points: PointBlock) => ArrayBufferView) => this.#blocks.map(({ points }) => bytesOf(of(points)));
    const columns = [
      { name: 'tenant', type: 'UUID', parts: same('UUID', ({ tenant }) => tenant) },
      { name: 'cluster', type: 'UUID', parts: same('UUID', ({ cluster }) => cluster) },
      { name: 'source', type: 'String', parts: same('String', ({ source }) => source) },
      { name: 'id', type: 'UInt64', parts: each(({ ids }) => ids) },
      { name: 'at', type: 'DateTime64(3)', parts: each(({ ats }) => ats) },
      { name: 'value', type: 'Float64', parts: each(({ values }) => values) },
    ];
    return encodeNative(columns, this.#rows);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
