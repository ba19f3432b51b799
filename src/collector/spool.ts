/**
 * A queue of records on disk, between what is collected and a server that may be away for hours.
 *
 * - `append` resolves when the record survives `kill -9` and a power cut: appends that come together share one
 *   `fdatasync`. What a crash tears off is only what was not acknowledged.
 * - Records leave in the order in which they came, and are deleted only by `done`, after the server has them. A crash in
 *   between sends some again, at most one segment: the server keeps one of a kind.
 * - `bytesMax` bounds the files. When it is reached the oldest segment is deleted, and its records counted as dropped.
 * - One process to a folder. A new one never writes to the files of an earlier one.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../lib/errors.ts';
import { encodeRecord, RECORD_BYTES_MAX } from './record.ts';
import type { Segment } from './segment.ts';
import * as segments from './segment.ts';

export interface Spool {
  /** Throws `limit_exceeded` for a record that is too large, `intake_full` where too many wait, `store_full` or `store_unavailable` where the disk does not take it. */
  append(record: Uint8Array): Promise<void>;
  /** The oldest records; null when there are none. Its `done` must be called before the next `take`. */
  take(): Promise<SpoolBatch | null>;
  /** Resolves when there may be something to take; rejects when aborted. */
  filled(signal: AbortSignal): Promise<void>;
  readonly state: SpoolState;
  /** Refuses new records, and resolves when those under way are on disk. */
  close(): Promise<void>;
}

export interface SpoolBatch {
  readonly records: readonly Buffer[];
  /** Deletes them. */
  done(): Promise<void>;
}

export interface SpoolState {
  /** Not yet delivered. */
  readonly records: number;
  readonly bytes: number;
  /** Deleted unsent since the start, because the spool was full. */
  readonly droppedRecords: number;
  /** Found damaged on disk since the start. */
  readonly damagedSegments: number;
}

export interface SpoolLimits {
  readonly bytesMax: number;
  /** Files are about so large; the grain of what is dropped, and the most that a crash sends again. */
  readonly segmentBytes: number;
  /** Read at once. */
  readonly batchBytesMax: number;
  /** Waiting in memory to be written. */
  readonly waitingBytesMax: number;
}

export const SPOOL_LIMITS: SpoolLimits = {
  bytesMax: 256 * 2 ** 20,
  segmentBytes: 2 ** 20,
  batchBytesMax: 2 ** 19,
  waitingBytesMax: 16 * 2 ** 20,
};

/** At least so many segments fit, so that dropping one does not drop nearly all. */
const SEGMENTS_MIN = 4;

export async function openSpool(folder: string, limits: Partial<SpoolLimits> = {}): Promise<Spool> {
  const merged = { ...SPOOL_LIMITS, ...limits };
  const segmentBytes = Math.min(merged.segmentBytes, Math.floor(merged.bytesMax / SEGMENTS_MIN));
  const spool = new DiskSpool(folder, { ...merged, segmentBytes });
  await spool.open();
  return spool;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly written: PromiseWithResolvers<void>;
}

class DiskSpool implements Spool {
  readonly #folder: string;
  readonly #limits: SpoolLimits;
  /** Oldest first; only the last one may be open. */
  #segments: Segment[] = [];
  #sequence = 0;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #droppedRecords = 0;
  #damagedSegments = 0;
  /** What touches the files runs one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #filled = Promise.withResolvers<void>();
  #writing: Promise<void> | null = null;
  #closed = false;

  constructor(folder: string, limits: SpoolLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(this.#folder)).filter((name) => segments.sequenceOf(name) !== null).sort();
    for (const name of names) {
      const segment = await segments.readSegment(join(this.#folder, name));
      this.#sequence = Math.max(this.#sequence, segment.sequence);
      if (segment.records > 0) this.#segments.push(segment);
      else await segments.remove(segment);
    }
    await this.#makeRoom(0);
    if (this.#segments.length > 0) this.#filled.resolve();
  }

  get state(): SpoolState {
    let records = 0;
    let bytes = 0;
    for (const segment of this.#segments) {
      records += segment.records - segment.deliveredRecords;
      bytes += segment.bytes - segment.deliveredBytes;
    }
    return { records, bytes, droppedRecords: this.#droppedRecords, damagedSegments: this.#damagedSegments };
  }

  async append(record: Uint8Array): Promise<void> {
    if (this.#closed) throw new AppError('store_unavailable', 'cannot keep a record: the spool is closed');
    const bytesMax = Math.min(RECORD_BYTES_MAX, this.#limits.segmentBytes * SEGMENTS_MIN);
    if (record.length === 0 || record.length > bytesMax) {
      throw new AppError('limit_exceeded', `cannot keep a record of ${record.length} bytes; at most ${bytesMax}`);
    }
    if (this.#waitingBytes + record.length > this.#limits.waitingBytesMax) {
      const limit = `at most ${this.#limits.waitingBytesMax} may`;
      throw new AppError(
        'intake_full',
        `cannot keep a record: ${this.#waitingBytes} bytes wait for the disk, ${limit}`,
      );
    }
    const waiting = { bytes: encodeRecord(record), written: Promise.withResolvers<void>() };
    this.#waiting.push(waiting);
    this.#waitingBytes += waiting.bytes.length;
    void this.#writeWaiting();
    await waiting.written.promise;
  }

  async take(): Promise<SpoolBatch | null> {
    return await this.#exclusive(async () => {
      for (let head = this.#head(); head; head = this.#head()) {
        const found = await this.#read(head);
        if (found) return { records: found.records, done: () => this.#done(head, found) };
      }
      this.#filled = Promise.withResolvers();
      return null;
    });
  }

  async filled(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#filled.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writeWaiting();
    await this.#exclusive(async () => {
      for (const segment of this.#segments) await segments.close(segment);
      const last = this.#segments.at(-1);
      if (last && last.records === 0) await segments.remove(last);
    });
  }

  #head(): Segment | undefined {
    return this.#segments.find(({ bytes, deliveredBytes }) => bytes > deliveredBytes);
  }

  /** Null where the segment turned out to be gone or damaged: it is then out of the way. */
  async #read(segment: Segment): Promise<{ records: Buffer[]; end: number } | null> {
    try {
      const found = await segments.readUndelivered(segment, this.#limits.batchBytesMax);
      if (found.records.length > 0) return found;
    } catch (error) {
      if (!segments.isMissing(error)) throw error;
    }
    this.#damagedSegments += 1;
    await this.#discard(segment);
    return null;
  }

  async #done(segment: Segment, { records, end }: { records: readonly Buffer[]; end: number }): Promise<void> {
    await this.#exclusive(async () => {
      if (!this.#segments.includes(segment)) return; // dropped meanwhile
      segment.deliveredBytes = end;
      segment.deliveredRecords += records.length;
      if (end < segment.bytes) return;
      if (!(await segments.empty(segment))) this.#segments = this.#segments.filter((other) => other !== segment);
    });
  }

  /** One writer at a time; whoever comes while it is at it is in its next group. */
  async #writeWaiting(): Promise<void> {
    this.#writing ??= this.#writeGroups().finally(() => {
      this.#writing = null;
    });
    await this.#writing;
  }

  async #writeGroups(): Promise<void> {
    while (this.#waiting.length > 0) await this.#exclusive(() => this.#writeGroup());
  }

  async #writeGroup(): Promise<void> {
    const group = this.#nextGroup();
    const bytes = Buffer.concat(group.map((waiting) => waiting.bytes));
    let failure: AppError | null = null;
    try {
      await this.#makeRoom(bytes.length);
      await segments.appendTo(await this.#openSegment(bytes.length), bytes, group.length);
      this.#filled.resolve();
    } catch (error) {
      failure = diskError(error);
      await this.#abandonOpen(); // its end may hold half a record: nothing may come after it
    }
    this.#waitingBytes -= bytes.length;
    for (const { written } of group) {
      if (failure) written.reject(failure);
      else written.resolve();
    }
  }

  #nextGroup(): Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes.length;
      if (count > 0 && bytes > this.#limits.segmentBytes) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #openSegment(bytes: number): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (last?.file && (last.bytes === 0 || last.bytes + bytes <= this.#limits.segmentBytes)) return last;
    if (last) await segments.close(last);
    this.#sequence += 1;
    const created = await segments.createSegment(this.#folder, this.#sequence);
    this.#segments.push(created);
    return created;
  }

  async #abandonOpen(): Promise<void> {
    const last = this.#segments.at(-1);
    if (!last?.file) return;
    await segments.close(last).catch(() => {});
    if (last.records === last.deliveredRecords) await this.#discard(last).catch(() => {});
  }

  /** Deletes the oldest segments until `bytes` more fit. */
  async #makeRoom(bytes: number): Promise<void> {
    const used = () => this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    while (used() > 0 && used() + bytes > this.#limits.bytesMax) {
      const [oldest] = this.#segments;
      if (!oldest) return;
      this.#droppedRecords += oldest.records - oldest.deliveredRecords;
      await this.#discard(oldest);
    }
  }

  async #discard(segment: Segment): Promise<void> {
    this.#segments = this.#segments.filter((other) => other !== segment);
    await segments.remove(segment);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

function diskError(cause: unknown): AppError {
  const isFull = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError(isFull ? 'store_full' : 'store_unavailable', `cannot keep a record: ${reason}`, { cause });
}
