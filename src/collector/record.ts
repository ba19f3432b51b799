import { crc32 } from 'node:zlib';

/**
 * One record in a segment file: its length and its CRC-32, each four bytes little-endian, then its bytes. A record that was
 * only half written when the machine stopped fails one of the two and is taken to be the end of the file.
 */
export const HEADER_BYTES = 8;

/** Larger than any body that a server takes; a length beyond it is no length. */
export const RECORD_BYTES_MAX = 16 * 2 ** 20;

export function encodeRecord(record: Uint8Array): Buffer {
  const encoded = Buffer.allocUnsafe(HEADER_BYTES + record.length);
  encoded.writeUInt32LE(record.length, 0);
  encoded.writeUInt32LE(crc32(record), 4);
  encoded.set(record, HEADER_BYTES);
  return encoded;
}

/** The record at `offset` of `bytes`; null where there is no whole and sound one. */
export function decodeRecord(bytes: Buffer, offset: number): Buffer | null {
  if (offset + HEADER_BYTES > bytes.length) return null;
  const length = bytes.readUInt32LE(offset);
  const end = offset + HEADER_BYTES + length;
  if (length === 0 || length > RECORD_BYTES_MAX || end > bytes.length) return null;
  const record = bytes.subarray(offset + HEADER_BYTES, end);
  return crc32(record) === bytes.readUInt32LE(offset + 4) ? record : null;
}

/** Sound records from `offset` on, until the first that is not, or `bytesMax`; the first one is taken whatever its size. */
export function decodeRecords(bytes: Buffer, offset: number, bytesMax: number): { records: Buffer[]; end: number } {
  const records: Buffer[] = [];
  let end = offset;
  for (let record = decodeRecord(bytes, end); record; record = decodeRecord(bytes, end)) {
    const next = end + HEADER_BYTES + record.length;
    if (records.length > 0 && next - offset > bytesMax) break;
    records.push(record);
    end = next;
  }
  return { records, end };
}
