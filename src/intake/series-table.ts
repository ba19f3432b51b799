import type { SampleBatch } from '../core/samples.ts';
import type { PointBlock, Series } from '../core/series.ts';
import { DAY_MS } from '../lib/clock.ts';
import { ColumnBuffer } from './column-buffer.ts';
import { BATCH_COLUMNS, type BatchFacts, type SampleColumn } from './sample-columns.ts';
import { sortedJson } from './sorted-json.ts';
import type { Table } from './table.ts';
import type { ToldSeries } from './told-series.ts';

/** A series on a day that it has points of. */
interface SeriesDay {
  readonly series: Series;
  /** Days since the epoch. */
  readonly day: number;
}

const SERIES_COLUMNS: readonly SampleColumn<SeriesDay>[] = [
  ...BATCH_COLUMNS,
  { name: 'day', type: 'Date', of: ({ day }) => day },
  { name: 'metric', type: 'String', of: ({ series }) => series.metric },
  { name: 'id', type: 'UInt64', of: ({ series }) => series.id },
  { name: 'namespace', type: 'String', of: ({ series }) => series.namespace },
  { name: 'pod', type: 'String', of: ({ series }) => series.pod },
  { name: 'uid', type: 'String', of: ({ series }) => series.uid },
  { name: 'container', type: 'String', of: ({ series }) => series.container },
  { name: 'node', type: 'String', of: ({ series }) => series.node },
  { name: 'labels', type: 'String', of: ({ series }) => sortedJson(series.labels) },
];

/** Series that were not told yet on the days of their points; the others of a batch cost a look each. */
export class SeriesTable implements Table {
  readonly name = 'series';
  readonly #told: ToldSeries;
  readonly #buffer = new ColumnBuffer(SERIES_COLUMNS);
  /** Ids by scope, told by this group if it becomes durable. */
  readonly #telling = new Map<string, Set<bigint>>();

  constructor(told: ToldSeries) {
    this.#told = told;
  }

  rows(): number {
    return this.#buffer.rows;
  }

  load(): number {
    return this.#buffer.rows;
  }

  bytes(): number {
    return this.#buffer.bytes;
  }

  prepare({ points }: SampleBatch, facts: BatchFacts): () => void {
    const untold = points ? this.#untold(points, facts) : [];
    if (untold.length === 0) return () => {};
    const prepared = this.#buffer.prepare(untold, facts);
    return () => {
      this.#buffer.append(prepared);
      for (const { series, day } of untold) this.#idsOf(scopeOf(facts, day)).add(series.id);
    };
  }

  encode(): Iterable<Uint8Array> {
    return [this.#buffer.encode()];
  }

  /** To be called when the rows are durable. */
  succeed(): void {
    for (const [scope, ids] of this.#telling) this.#told.add(scope, ids);
  }

  #untold(points: PointBlock, facts: BatchFacts): SeriesDay[] {
    const days = daysOf(points);
    const untold: SeriesDay[] = [];
    for (const day of days) {
      const scope = scopeOf(facts, day);
      const telling = this.#telling.get(scope);
      const present = days.size > 1 ? idsOn(points, day) : undefined;
      for (const series of points.series) {
        const { id } = series;
        if (telling?.has(id) || this.#told.has(scope, id) || present?.has(id) === false) continue;
        untold.push({ series, day });
      }
    }
    return untold;
  }

  #idsOf(scope: string): Set<bigint> {
    const ids = this.#telling.get(scope) ?? new Set();
    this.#telling.set(scope, ids);
    return ids;
  }
}

function scopeOf({ tenant, cluster, source }: BatchFacts, day: number): string {
  return `${tenant}/${cluster}/${source}/${day}`;
}

const TWO_32 = 2 ** 32;

/** Instants are read as halves: a bigint for each would be most of the work. */
function daysOf({ ats }: PointBlock): Set<number> {
  const halves = new Uint32Array(ats.buffer, ats.byteOffset, ats.length * 2);
  const days = new Set<number>();
  let last = -1;
  for (let row = 0; row < halves.length; row += 2) {
    const day = Math.floor(((halves[row + 1] ?? 0) * TWO_32 + (halves[row] ?? 0)) / DAY_MS);
    if (day === last) continue;
    days.add(day);
    last = day;
  }
  return days;
}

/** Only where a batch holds more than one day. */
function idsOn({ ids, ats }: PointBlock, day: number): Set<bigint> {
  const [from, to] = [BigInt(day * DAY_MS), BigInt((day + 1) * DAY_MS)];
  return new Set(ids.filter((_, row) => (ats[row] ?? 0n) >= from && (ats[row] ?? 0n) < to));
}
