import type { SampleBatch } from '../core/samples.ts';
import type { PointBlock } from '../core/series.ts';
import type { NativeSource } from '../store/columnar/columnar.ts';
import { encodeNative } from '../store/columnar/native-block.ts';
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

/** Batches in one statement, which names whose each is: as many fit the line of a request. */
const BATCHES_MAX = 2_000;

interface Batch {
  readonly points: PointBlock;
  readonly facts: BatchFacts;
}

/** Of a row, beside whose it is. */
const COLUMNS = { which: 'UInt16', id: 'UInt64', at: 'DateTime64(3)', value: 'Float64' } as const;

/** Whose a row is comes as a number of two bytes, since those who send are few and their names 45 bytes. */
const SELECT = {
  tenant: '{tenants:Array(UUID)}[which]',
  cluster: '{clusters:Array(UUID)}[which]',
  source: '{sources:Array(LowCardinality(String))}[which]',
  id: 'id',
  at: 'at',
  value: 'value',
} as const;

/** Points that are in one insert twice wait for a merge like all others: to look for them is half the work of an insert. */
const SETTINGS = { optimize_on_insert: 0 } as const;

/** Points, which come as the columns that the engine reads: they are put one after another, and no value is looked at. */
export class PointTable implements Table {
  readonly name = 'points';
  readonly #batches: Batch[] = [];
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
      this.#batches.push({ points, facts });
      this.#rows += ids.length;
    };
  }

  *encode(): Generator<NativeSource> {
    for (let from = 0; from < this.#batches.length; from += BATCHES_MAX) {
      yield sourceOf(this.#batches.slice(from, from + BATCHES_MAX));
    }
  }
}

function sourceOf(batches: readonly Batch[]): NativeSource {
  const scopes = new Scopes();
  const parts = {
    which: batches.map(({ points, facts }) => bytesOf(new Uint16Array(points.ids.length).fill(scopes.numberOf(facts)))),
    id: batches.map(({ points }) => bytesOf(points.ids)),
    at: batches.map(({ points }) => bytesOf(points.ats)),
    value: batches.map(({ points }) => bytesOf(points.values)),
  };
  const columns = NAMES.map((name) => ({ name, type: COLUMNS[name], parts: parts[name] }));
  const rows = batches.reduce((sum, { points }) => sum + points.ids.length, 0);
  return {
    block: encodeNative(columns, rows),
    columns: COLUMNS,
    select: SELECT,
    params: scopes.params(),
    settings: SETTINGS,
  };
}

const NAMES = ['which', 'id', 'at', 'value'] as const;

/** Those who sent the rows of one statement, numbered from 1 as the engine counts. */
class Scopes {
  readonly #facts: BatchFacts[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf({ tenant, cluster, source }: BatchFacts): number {
    const key = `${tenant}/${cluster}/${source}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#facts.push({ tenant, cluster, source });
    this.#numbers.set(key, number);
    return number;
  }

  params(): { tenants: string[]; clusters: string[]; sources: string[] } {
    return {
      tenants: this.#facts.map(({ tenant }) => tenant),
      clusters: this.#facts.map(({ cluster }) => cluster),
      sources: this.#facts.map(({ source }) => source),
    };
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
