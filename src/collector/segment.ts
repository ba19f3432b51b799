import { type FileHandle, open, readFile, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decodeRecords } from './record.ts';

/** One file of a spool: records one after the other. It is written to only by the process that made it. */
export interface Segment {
  readonly path: string;
  /** Later segments have higher ones. */
  readonly sequence: number;
  /** Bytes of sound records, from the start of the file. */
  bytes: number;
  records: number;
  /** How much of that was delivered already. */
  deliveredBytes: number;
  deliveredRecords: number;
  /** Open while records may still be added. */
  file: FileHandle | null;
}

const NAME = /^(\d{12})\.spool$/;
const SEQUENCE_DIGITS = 12;

export function sequenceOf(fileName: string): number | null {
  const digits = NAME.exec(fileName)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Makes the file, its name on disk when it resolves. */
export async function createSegment(folder: string, sequence: number): Promise<Segment> {
  const path = join(folder, `${String(sequence).padStart(SEQUENCE_DIGITS, '0')}.spool`);
  const file = await open(path, 'wx', 0o600);
  await syncFolder(folder);
  return { path, sequence, bytes: 0, records: 0, deliveredBytes: 0, deliveredRecords: 0, file };
}

/** What an earlier process left; what is not sound at its end counts as not written. */
export async function readSegment(path: string): Promise<Segment> {
  const bytes = await readFile(path);
  const { records, end } = decodeRecords(bytes, 0, Number.POSITIVE_INFINITY);
  const sequence = sequenceOf(basename(path)) ?? 0;
  return { path, sequence, bytes: end, records: records.length, deliveredBytes: 0, deliveredRecords: 0, file: null };
}

/** Adds whole records; they are on disk, and survive a power cut, when it resolves. */
export async function appendTo(segment: Segment, bytes: Buffer, records: number): Promise<void> {
  const { file } = segment;
  if (!file) throw new Error(`${segment.path} is closed`);
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, segment.bytes + written);
    written += bytesWritten;
  }
  await file.datasync();
  segment.bytes += bytes.length;
  segment.records += records;
}

/** The oldest records that were not delivered, at most `bytesMax` of them but at least one; and where they end. */
export async function readUndelivered(
  { path, bytes, deliveredBytes }: Segment,
  bytesMax: number,
): Promise<{ records: Buffer[]; end: number }> {
  const file = await open(path, 'r');
  try {
    const length = bytes - deliveredBytes;
    for (let span = Math.min(length, bytesMax); ; span = length) {
      const buffer = Buffer.allocUnsafe(span);
      const { bytesRead } = await file.read(buffer, 0, span, deliveredBytes);
      const { records, end } = decodeRecords(buffer.subarray(0, bytesRead), 0, bytesMax);
      if (records.length > 0 || span === length) return { records, end: deliveredBytes + end };
    }
  } finally {
    await file.close();
  }
}

/** All of it was delivered: it is as new, or gone. Whether it still is there. */
export async function empty(segment: Segment): Promise<boolean> {
  if (!segment.file) {
    await remove(segment);
    return false;
  }
  await segment.file.truncate(0);
  Object.assign(segment, { bytes: 0, records: 0, deliveredBytes: 0, deliveredRecords: 0 });
  return true;
}

export async function close(segment: Segment): Promise<void> {
  const { file } = segment;
  segment.file = null;
  await file?.close();
}

export async function remove(segment: Segment): Promise<void> {
  await close(segment);
  await unlink(segment.path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** A file's name is on disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
