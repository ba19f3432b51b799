/** What a spool's records are: a byte that says which route they go to, and a gzipped JSON body. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

export type ParcelKind = 'collector' | 'samples';

export interface Parcel {
  readonly kind: ParcelKind;
  /** Gzipped JSON. */
  readonly body: Buffer;
}

const KINDS: ReadonlyMap<number, ParcelKind> = new Map([
  [1, 'collector'],
  [2, 'samples'],
]);
const CODES: Readonly<Record<ParcelKind, number>> = { collector: 1, samples: 2 };

/** Of what a body of ours unpacks to. */
export const UNPACKED_BYTES_MAX = 64 * 2 ** 20;

const packBytes = promisify<Uint8Array, { level: number }, Buffer>(gzip);
const unpackBytes = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);
/** Most of what can be saved, at a third of the time. */
const LEVEL = 4;

export async function pack(body: string | Uint8Array): Promise<Buffer> {
  return await packBytes(typeof body === 'string' ? Buffer.from(body) : body, { level: LEVEL });
}

export async function unpack(body: Uint8Array, bytesMax = UNPACKED_BYTES_MAX): Promise<Buffer> {
  return await unpackBytes(body, { maxOutputLength: bytesMax });
}

export function recordOf({ kind, body }: Parcel): Buffer {
  return Buffer.concat([Buffer.of(CODES[kind]), body]);
}

/** Null where the record was not written by this program, nor by one it knows. */
export function parcelOf(record: Buffer): Parcel | null {
  const kind = KINDS.get(record[0] ?? 0);
  return kind === undefined ? null : { kind, body: record.subarray(1) };
}

/** One request, and the parcels that it delivers. */
export interface Shipment {
  readonly parcel: Parcel;
  readonly of: readonly Parcel[];
}

/** Each by itself. */
export function alone(parcel: Parcel): Shipment {
  return { parcel, of: [parcel] };
}
