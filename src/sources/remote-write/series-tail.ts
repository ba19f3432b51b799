import type { Series } from '../../core/series.ts';
import { DAY_MS } from '../../lib/clock.ts';
import type { PointSink } from './point-sink.ts';
import { malformed, type ProtoReader } from './proto-reader.ts';
import type { KnownSeries } from './series-book.ts';
import { isStaleMarker } from './stale.ts';
import type { WriteSink } from './write-sink.ts';

/** `Sample`, which is the same in both versions. */
const VALUE = (1 << 3) | 1;
const TIMESTAMP = 2 << 3;

/** Where one version has the parts of a series, by tag. */
export interface SeriesTags {
  readonly labels: readonly number[];
  readonly sample: number;
  readonly histogram: number;
  readonly exemplar: number;
}

interface SeriesTailOptions {
  readonly reader: ProtoReader;
  readonly sink: WriteSink;
  readonly tags: SeriesTags;
  /** The series at hand, read anew: most are known to the store, and never asked for. */
  readonly tell: () => Series;
}

/** What follows the labels of a series: samples above all. Reads from where the reader stands to its end. */
export class SeriesTail {
  readonly #reader: ProtoReader;
  readonly #sink: WriteSink;
  readonly #tags: SeriesTags;

  readonly #tell: () => Series;

  constructor({ reader, sink, tags, tell }: SeriesTailOptions) {
    this.#reader = reader;
    this.#sink = sink;
    this.#tags = tags;
    this.#tell = tell;
  }

  /** Takes the samples that can be taken, and counts the others. `series` is all of it, where it was just read. */
  read(known: KnownSeries, series: Series | undefined): void {
    const { fault, kept } = known;
    if (fault !== null) {
      this.#count(() => this.#sink.refuse('bad_labels', () => fault));
      return;
    }
    if (!kept) {
      this.drop();
      return;
    }
    const reader = this.#reader;
    const points = this.#sink.open(known);
    let told = false;
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag !== this.#tags.sample) this.#pass(tag);
      else if (this.#readSample(known, points) && !told) {
        told = true;
        points.tell(known, series ?? this.#tell());
      }
    }
  }

  /** Counts samples that nobody needs. */
  drop(): void {
    const { dropped } = this.#sink.counts;
    this.#count(() => {
      dropped.not_kept += 1;
    });
  }

  #count(each: () => void): void {
    const reader = this.#reader;
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag !== this.#tags.sample) {
        this.#pass(tag);
        continue;
      }
      reader.at = reader.limit();
      this.#sink.seen();
      each();
    }
  }

  /** Whether the series has to be told beside the sample. */
  #readSample(known: KnownSeries, points: PointSink): boolean {
    const reader = this.#reader;
    const outer = reader.end;
    const end = reader.limit();
    reader.end = end;
    let value = 0;
    let valueAt = 0;
    let at = 0;
    while (reader.at < end) {
      const tag = reader.tag();
      if (tag === VALUE) {
        valueAt = reader.at;
        value = reader.double();
      } else if (tag === TIMESTAMP) at = reader.int64();
      else reader.skip(tag);
    }
    reader.end = outer;
    this.#sink.seen();
    const { counts } = this.#sink;
    if (!Number.isFinite(value)) {
      counts.dropped[isStaleMarker(reader.view, valueAt) ? 'stale_marker' : 'not_a_number'] += 1;
    } else if (this.#sink.isInRange(at)) {
      points.add(known, at, value);
      counts.kept += 1;
      return Math.floor(at / DAY_MS) !== known.toldDay;
    }
    return false;
  }

  #pass(tag: number): void {
    const { counts } = this.#sink;
    if (this.#tags.labels.includes(tag)) throw malformed('a series has labels after its samples');
    this.#reader.skip(tag);
    if (tag === this.#tags.histogram) {
      counts.histograms += 1;
      counts.dropped.histogram += 1;
    } else if (tag === this.#tags.exemplar) {
      counts.exemplars += 1;
      counts.dropped.exemplar += 1;
    }
  }
}
