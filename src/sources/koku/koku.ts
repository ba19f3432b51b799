/**
 * Uploads of koku-metrics-operator and costmanagement-metrics-operator: a tar.gz of hourly CSV reports and a manifest, as
 * facts about whole hours. See docs/sources/koku.md.
 *
 * The manifest stands at the archive's end, and it says which members count, so an archive is read twice: `surveyArchive`
 * reads all of it and keeps nothing, so that one that is broken anywhere is refused before a row of it is taken;
 * `readReport` then turns one member into facts, piece by piece.
 */
import { createHash } from 'node:crypto';
import type { FactKind, HourFact } from '../../core/hour-facts.ts';
import type { SampleBatch } from '../../core/samples.ts';
import { AppError } from '../../lib/errors.ts';
import type { Faults } from '../faults.ts';
import type { Member } from './archive.ts';
import { readRecords } from './csv-records.ts';
import { type Header, listed, readHeader } from './header.ts';
import { MANIFEST_BYTES_MAX, REFUSED_SHOWN_MAX } from './limits.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import type { MergedFacts } from './merged-facts.ts';
import { createRowReader, type RowContext } from './row-reader.ts';

export interface Survey {
  readonly manifest: Manifest;
  /** SHA-256 of each member but the manifest, by name, in the order of the archive. */
  readonly digests: ReadonlyMap<string, Uint8Array>;
}

export const MANIFEST_NAME = 'manifest.json';

/** Why a file without rows is skipped. */
const EMPTY = 'it is empty';

/** Throws as `readMembers` and `parseManifest`, and `invalid_payload` where there is no manifest. */
export async function surveyArchive(members: AsyncIterable<Member>): Promise<Survey> {
  let manifest: Manifest | null = null;
  const digests = new Map<string, Uint8Array>();
  for await (const { name, body } of members) {
    if (name === MANIFEST_NAME) manifest = parseManifest(await bytesOf(body));
    else digests.set(name, await digestOf(body));
  }
  if (!manifest) throw new AppError('invalid_payload', `no ${MANIFEST_NAME} found in tar archive`);
  return { manifest, digests };
}

/** What became of the rows of one report. */
export interface ReportOutcome {
  /** `null` where the header is of no report, or there is none. */
  readonly kind: FactKind | null;
  readonly status: 'taken' | 'skipped' | 'refused';
  readonly rowsTaken: number;
  readonly rowsRefused: number;
  /** The first refused rows, at most `REFUSED_SHOWN_MAX`. */
  readonly refused: readonly RefusedCell[];
  readonly reason: string | null;
}

export interface RefusedCell {
  /** From 1, the header's. */
  readonly line: number;
  /** `''` is the row itself. */
  readonly column: string;
  readonly message: string;
}

export interface ReportReader {
  /** Takes facts on their way; what it returns is waited for. */
  readonly take: (fact: HourFact) => Promise<void> | undefined;
  readonly merged: MergedFacts;
  readonly context: RowContext;
}

/**
 * Reads one report. A row that is wrong is refused alone; a file whose header is of no report, or that stops being CSV, is
 * refused from there on. Throws what `take` and `merged` throw.
 */
export async function readReport(body: AsyncIterable<Uint8Array>, reader: ReportReader): Promise<ReportOutcome> {
  const reading = new Reading(reader);
  try {
    for await (const records of readRecords(body)) {
      for (const record of records) {
        const taking = reading.next(record);
        if (taking) await taking;
      }
      if (reading.hopeless) break;
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid_payload') throw error;
    reading.breakOff(error.message);
  }
  return reading.outcome();
}

/** One file while it is read. */
class Reading {
  readonly #reader: ReportReader;
  readonly #faults: Faults = { first: null };
  readonly #refused: RefusedCell[] = [];
  #header: Header | null = null;
  #read: ReturnType<typeof createRowReader> | null = null;
  #line = 0;
  #taken = 0;
  #refusedCount = 0;
  #reason: string | null = null;

  constructor(reader: ReportReader) {
    this.#reader = reader;
  }

  /** Its header is of no report: the rest says nothing. */
  get hopeless(): boolean {
    return this.#line > 0 && this.#header === null;
  }

  next(record: readonly string[]): Promise<void> | undefined {
    if (this.hopeless) return undefined;
    this.#line += 1;
    if (!this.#read) return this.#begin(record);
    if (record.length === 1 && record[0] === '') return undefined;
    const { fact, merged } = this.#read(record, this.#faults);
    if (this.#faults.first) {
      this.#refuse(this.#faults.first.field, this.#faults.first.message);
      this.#faults.first = null;
      return undefined;
    }
    this.#taken += 1;
    if (merged) this.#reader.merged.add(merged);
    return fact ? this.#reader.take(fact) : undefined;
  }

  breakOff(reason: string): void {
    this.#line += 1;
    this.#refuse('', reason);
    this.#reason = `it cannot be read from line ${this.#line} on: ${reason}`;
  }

  outcome(): ReportOutcome {
    const counts = { rowsTaken: this.#taken, rowsRefused: this.#refusedCount, refused: this.#refused };
    if (this.#line === 0) return { kind: null, status: 'skipped', ...counts, reason: EMPTY };
    const kind = this.#header?.report.kind ?? null;
    const nothing = this.#taken === 0 && this.#refusedCount === 0;
    if (kind !== null && nothing) return { kind, status: 'skipped', ...counts, reason: EMPTY };
    const status = kind === null || this.#taken === 0 ? 'refused' : 'taken';
    return { kind, status, ...counts, reason: this.#reason };
  }

  #begin(record: readonly string[]): undefined {
    const header = readHeader(record);
    if (typeof header === 'string') {
      this.#reason = header;
      return;
    }
    this.#header = header;
    this.#read = createRowReader(header, this.#reader.context);
    if (header.unknown.length > 0) this.#reason = `columns not known here were not read: ${listed(header.unknown)}`;
  }

  #refuse(column: string, message: string): void {
    this.#refusedCount += 1;
    if (this.#refused.length < REFUSED_SHOWN_MAX) this.#refused.push({ line: this.#line, column, message });
  }
}

/** Facts on their way to the ledger. */
export function factBatch(facts: readonly HourFact[]): SampleBatch {
  return { source: 'koku', containers: [], nodes: [], facts };
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MANIFEST_BYTES_MAX) {
      throw new AppError('invalid_payload', `${MANIFEST_NAME} has more than ${MANIFEST_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function digestOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of body) hash.update(chunk);
  return hash.digest();
}
