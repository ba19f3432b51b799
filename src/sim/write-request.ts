/** A scrape of the fleet as Prometheus would write it on: remote write 1.0, protobuf in snappy. */
import { compressSync } from 'snappy';
import type { SeriesPoint } from './series-point.ts';

export const WRITE_HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
} as const;

/** Wire type 2 of protobuf: bytes with their length before them. */
const BYTES = 2;
const DOUBLE = 1;
const VARINT = 0;

/** All `points` at one instant, with the `external` labels of whoever scraped them. */
export function writeRequest(
  points: Iterable<SeriesPoint>,
  { at, external }: { at: number; external: Readonly<Record<string, string>> },
): Buffer {
  const series = Array.from(points, ({ labels, value }) => {
    const sorted = Object.entries({ ...labels, ...external }).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return field(1, [
      ...sorted.map(([name, text]) => field(1, [textField(1, name), textField(2, text)])),
      sample(at, value),
    ]);
  });
  return compressSync(Buffer.concat(series));
}

function sample(at: number, value: number): Buffer {
  const bits = Buffer.alloc(8);
  bits.writeDoubleLE(value);
  return field(2, [tag(1, DOUBLE), bits, tag(2, VARINT), varint(at)]);
}

function textField(number: number, text: string): Buffer {
  return field(number, [Buffer.from(text)]);
}

function field(number: number, parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([tag(number, BYTES), varint(body.length), body]);
}

function tag(number: number, wireType: number): Buffer {
  return varint(number * 8 + wireType);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
