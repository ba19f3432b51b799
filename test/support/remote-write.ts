import { compressSync } from 'snappy';
import type { SeriesPoint } from '../../src/sim/series-point.ts';

/** A sender of Prometheus remote write of our own: both messages, in protobuf and snappy, with nothing checked. */
export interface SentSeries {
  /** In this order, `__name__` among them. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly { readonly at: number; readonly value: number }[];
  readonly histograms?: number;
  readonly exemplars?: number;
}

export const WRITE_TYPES = {
  '1.0': 'application/x-protobuf',
  '2.0': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
} as const;
export type SentVersion = keyof typeof WRITE_TYPES;

/** The headers that a sender of this version sets. */
export function writeHeaders(version: SentVersion): Record<string, string> {
  const number = version === '1.0' ? '0.1.0' : '2.0.0';
  return {
    'content-type': WRITE_TYPES[version],
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': number,
  };
}

export function encodeWrite(series: readonly SentSeries[], version: SentVersion = '1.0'): Buffer {
  return compressSync(version === '1.0' ? encodeV1(series) : encodeV2(series));
}

/** A scrape as the series of a request, labels sorted as Prometheus does, with `external` labels on each. */
export function sentSeries(
  points: Iterable<SeriesPoint>,
  at: number,
  external: Readonly<Record<string, string>> = {},
): SentSeries[] {
  return Array.from(points, ({ labels, value }) => ({
    labels: Object.entries({ ...labels, ...external }).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    samples: [{ at, value }],
  }));
}

export function encodeV1(series: readonly SentSeries[]): Buffer {
  return Buffer.concat(
    series.map(({ labels, samples, histograms = 0, exemplars = 0 }) =>
      field(1, [
        ...labels.map(([name, value]) => field(1, [field(1, [Buffer.from(name)]), field(2, [Buffer.from(value)])])),
        ...samples.map((sample) => field(2, sampleParts(sample))),
        ...repeated(exemplars, field(3, [field(1, []), ...sampleParts({ at: 1, value: 1 })])),
        ...repeated(histograms, field(4, [varintField(1, 7)])),
      ]),
    ),
  );
}

export function encodeV2(series: readonly SentSeries[]): Buffer {
  const symbols = new Map([['', 0]]);
  const refOf = (text: string) => {
    const known = symbols.get(text) ?? symbols.size;
    symbols.set(text, known);
    return varint(known);
  };
  const told = series.map(({ labels, samples, histograms = 0, exemplars = 0 }) =>
    field(5, [
      field(
        1,
        labels.flatMap(([name, value]) => [refOf(name), refOf(value)]),
      ),
      ...samples.map((sample) => field(2, sampleParts(sample))),
      ...repeated(histograms, field(3, [varintField(1, 7)])),
      ...repeated(exemplars, field(4, sampleParts({ at: 1, value: 1 }))),
      field(5, [varintField(1, 1)]),
    ]),
  );
  return Buffer.concat([...[...symbols.keys()].map((text) => field(4, [Buffer.from(text)])), ...told]);
}

/** A field that holds bytes: a text or a message. */
export function field(number: number, parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint((number << 3) | 2), varint(body.length), body]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

function varintField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)]);
}

function sampleParts({ at, value }: { at: number; value: number }): Buffer[] {
  const bits = Buffer.alloc(8);
  bits.writeDoubleLE(value);
  return [Buffer.concat([varint((1 << 3) | 1), bits]), varintField(2, at)];
}

function repeated(count: number, bytes: Buffer): Buffer[] {
  return Array.from({ length: count }, () => bytes);
}

/** The eight bytes by which Prometheus says that a series has ended. */
export const STALE_BITS = Buffer.from('020000000000f07f', 'hex');
