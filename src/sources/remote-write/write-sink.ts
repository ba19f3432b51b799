import { MINUTE_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { SourceContext } from '../source.ts';
import type { ParsedWrite, RefuseReason, WriteCounts } from './outcome.ts';
import { PointSink } from './point-sink.ts';
import type { KnownSeries } from './series-book.ts';

/** Series of so many clusters may come in one request: a label that is not a cluster's name would make one of each value. */
const CLUSTERS_MAX = 20;

/** Where the samples of one request go: into the block of their cluster, or into a count. */
export class WriteSink {
  readonly counts = {
    samples: 0,
    histograms: 0,
    exemplars: 0,
    kept: 0,
    dropped: { not_kept: 0, stale_marker: 0, not_a_number: 0, histogram: 0, exemplar: 0 },
    refused: { bad_labels: 0, too_old: 0, in_future: 0 },
    firstFault: null as string | null,
  } satisfies { -readonly [K in keyof WriteCounts]: WriteCounts[K] };
  readonly #clusters = new Map<string | null, PointSink>();
  readonly #oldest: number;
  readonly #latest: number;
  readonly #samplesMax: number;
  #series = 0;

  constructor({ now, limits }: SourceContext) {
    this.#oldest = now - limits.ageMs;
    this.#latest = now + limits.futureMs;
    this.#samplesMax = limits.rowsMax;
  }

  /** The block of the series' cluster. */
  open(known: KnownSeries): PointSink {
    let sink = this.#clusters.get(known.cluster);
    if (!sink) {
      if (this.#clusters.size === CLUSTERS_MAX) {
        const message = `cannot take series of more than ${CLUSTERS_MAX} clusters in one request`;
        throw new AppError('limit_exceeded', message, { details: { clustersMax: CLUSTERS_MAX } });
      }
      sink = new PointSink();
      this.#clusters.set(known.cluster, sink);
    }
    return sink;
  }

  /** Counts a series, with samples or without, and throws `limit_exceeded` where there are too many. */
  seriesSeen(): void {
    this.#series += 1;
    if (this.#series <= this.#samplesMax) return;
    const message = `cannot accept more than ${this.#samplesMax} series in one request`;
    throw new AppError('limit_exceeded', message, { details: { seriesMax: this.#samplesMax } });
  }

  /** Counts a sample, and throws `limit_exceeded` where there are too many. */
  seen(): void {
    this.counts.samples += 1;
    if (this.counts.samples <= this.#samplesMax) return;
    const message = `cannot accept more than ${this.#samplesMax} samples in one request`;
    throw new AppError('limit_exceeded', message, { details: { samplesMax: this.#samplesMax } });
  }

  /** Whether a sample of this instant is taken; counts it where it is not. */
  isInRange(at: number): boolean {
    if (at > this.#latest) this.refuse('in_future', () => outOfRange(at, `after ${timeText(this.#latest)}`));
    else if (at < this.#oldest) this.refuse('too_old', () => outOfRange(at, `before ${timeText(this.#oldest)}`));
    else return true;
    return false;
  }

  refuse(reason: RefuseReason, fault: () => string): void {
    this.counts.refused[reason] += 1;
    this.counts.firstFault ??= fault();
  }

  #durable(): void {
    for (const sink of this.#clusters.values()) sink.durable();
  }

  outcome(): ParsedWrite {
    const clusters = [...this.#clusters].map(([clusterName, sink]) => ({
      clusterName,
      points: sink.block(),
      newestAt: sink.newestAt,
    }));
    return { clusters, counts: this.counts, durable: () => this.#durable() };
  }
}

function outOfRange(at: number, limit: string): string {
  return `a timestamp of ${timeText(at)}, ${limit}`;
}

function timeText(at: number): string {
  const date = new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS);
  return Number.isNaN(date.getTime()) ? `${at} ms` : date.toISOString();
}
