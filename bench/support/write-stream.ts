import { compressSync } from 'snappy';
import { DAY_MS } from '../../src/lib/clock.ts';
import { createFleet } from '../../src/sim/fleet.ts';
import { seriesAt } from '../../src/sim/series.ts';
import type { SeriesPoint } from '../../src/sim/series-point.ts';
import { encodeV1, field, type SentSeries, varint } from '../../test/support/remote-write.ts';

/** What the Prometheus of one large cluster writes: one body after another, as bytes. */
export interface WriteStream {
  readonly bodies: readonly Buffer[];
  readonly samples: number;
  readonly series: number;
}

export interface StreamOptions {
  readonly containers: number;
  /** Scrapes, the newest at `now`. */
  readonly scrapes: number;
  readonly intervalMs: number;
  readonly now: number;
  /** Series beside each that a ledger needs which it does not. */
  readonly othersPerSeries: number;
}

/** Prometheus' own default. */
const SAMPLES_PER_BODY = 2_000;

export function writeStream({ containers, scrapes, intervalMs, now, othersPerSeries }: StreamOptions): WriteStream {
  const fleet = createFleet({ preset: 'bench', containers, clusters: 1, seed: 1, start: now - DAY_MS });
  const [cluster = { name: '' }] = fleet.clusters;
  const needed = [...seriesAt(fleet, { cluster: cluster.name, at: now - scrapes * intervalMs })];
  const series = needed.flatMap((point) => [point, ...others(point, othersPerSeries)]).map(encodedLabels);
  const bodies: Buffer[] = [];
  for (let scrape = scrapes - 1; scrape >= 0; scrape -= 1) {
    const at = now - scrape * intervalMs;
    for (let from = 0; from < series.length; from += SAMPLES_PER_BODY) {
      const part = series.slice(from, from + SAMPLES_PER_BODY);
      bodies.push(compressSync(Buffer.concat(part.map((each) => withSample(each, at, scrape)))));
    }
  }
  return { bodies, samples: series.length * scrapes, series: series.length };
}

interface EncodedSeries {
  readonly labels: Buffer;
  readonly value: number;
}

function encodedLabels({ labels, value }: SeriesPoint): EncodedSeries {
  const sorted = Object.entries({ ...labels, cluster: 'bench' }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sent: SentSeries = { labels: sorted, samples: [] };
  const whole = encodeV1([sent]);
  return { labels: bodyOf(whole), value };
}

/** Of a request that holds one field. */
function bodyOf(request: Buffer): Buffer {
  let at = 1;
  while ((request[at] ?? 0) > 127) at += 1;
  return request.subarray(at + 1);
}

function withSample({ labels, value }: EncodedSeries, at: number, scrape: number): Buffer {
  const bits = Buffer.alloc(8);
  bits.writeDoubleLE(value + (value === 1 || value === 0 ? 0 : 1 / (1 + scrape)));
  const sample = Buffer.concat([Buffer.from([9]), bits, Buffer.from([16]), varint(at)]);
  return field(1, [labels, field(2, [sample])]);
}

function others({ labels }: SeriesPoint, count: number): SeriesPoint[] {
  return Array.from({ length: count }, (_, i) => ({
    labels: { ...labels, __name__: `container_other_${i}_total`, le: String(i) },
    value: 100 + i,
  }));
}
