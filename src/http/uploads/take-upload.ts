import type { Readable } from 'node:stream';
import type { HourFact } from '../../core/hour-facts.ts';
import { MINUTE_MS } from '../../lib/clock.ts';
import { readMembers } from '../../sources/koku/archive.ts';
import { MANIFEST_NAME, type ReportOutcome, readReport, type Survey } from '../../sources/koku/koku.ts';
import type { KokuLimits } from '../../sources/koku/limits.ts';
import { createMergedFacts, type MergedFacts } from '../../sources/koku/merged-facts.ts';
import type { RowContext } from '../../sources/koku/row-reader.ts';
import type { UploadedFile, UploadKey } from '../../store/relational/uploads.ts';
import type { ServerDeps } from '../dependencies.ts';
import { createFactSink, type FactSink } from './fact-sink.ts';
import type { UploadCluster } from './upload-cluster.ts';

/** An archive that is whole. */
export interface Upload {
  readonly tenantId: string;
  readonly manifestUuid: string;
  readonly cluster: UploadCluster;
  readonly survey: Survey;
  /** SHA-256 of the archive. */
  readonly digest: Uint8Array;
  readonly read: () => Readable;
  readonly signal: AbortSignal;
}

export interface TakenUpload {
  /** In the order of the archive; then what is missing. */
  readonly files: readonly UploadedFile[];
  readonly newestHour: number | null;
}

type Deps = Pick<ServerDeps, 'intake' | 'uploads' | 'settings' | 'clock'>;

/** Reports that say something of nodes or namespaces, which the archives of one manifest may say in pieces. */
const MERGED_KINDS = new Set<string | null>(['pod', 'node', 'namespace']);

/**
 * Brings the reports of an archive to the intake. Resolves when every fact is durable and what became of each file is
 * noted. A file whose very bytes were taken before under this manifest is skipped; taking it again would change nothing.
 * Of an upload of a new cluster nothing is noted, and no cluster made, unless some row of it is taken.
 */
export async function takeUpload(upload: Upload, deps: Deps): Promise<TakenUpload> {
  const { tenantId, manifestUuid, cluster, survey } = upload;
  const clusterId = cluster.known?.id;
  const stored = await deps.uploads.files(tenantId, manifestUuid);
  const known = new Map(stored.filter((file) => file.clusterId === clusterId).map((file) => [file.name, file]));
  const isKnown = (name: string) => {
    const file = known.get(name);
    return file?.status === 'taken' && file.digest !== null && sameBytes(file.digest, survey.digests.get(name));
  };
  const context = contextOf(survey, deps);
  const sink = createFactSink(deps.intake, {
    target: async () => ({ tenant: tenantId, cluster: (await cluster.settle()).id }),
    signal: upload.signal,
  });
  const taking: Taking = { upload, deps, context, sink, merged: createMergedFacts(), isKnown };
  const files = await readFiles(taking);
  const here = new Set(files.map(({ name }) => name));
  const isMissing = (name: string) => !here.has(name) && (known.get(name)?.status ?? 'missing') === 'missing';
  const missing = survey.manifest.files.filter(isMissing).map(missingFile);
  const mergedFiles = files.filter(({ kind }) => MERGED_KINDS.has(kind)).map(({ name }) => name);
  if (files.some(({ status }) => status === 'taken')) {
    await takeMerged(taking, { mergedFiles, isWhole: missing.length === 0 });
  }
  await sink.finish();
  const all = [...files, ...missing];
  if (cluster.known) {
    const key = { tenantId, manifestUuid, clusterId: cluster.known.id };
    await deps.uploads.record(key, all, deps.clock.now());
    if (missing.length === 0) await deps.uploads.dropParts(key);
  }
  return { files: all, newestHour: sink.newestHour };
}

interface Taking {
  readonly upload: Upload;
  readonly deps: Deps;
  readonly context: RowContext;
  readonly sink: FactSink;
  readonly merged: MergedFacts;
  /** Whether the member was taken before, byte for byte. */
  readonly isKnown: (name: string) => boolean;
}

function contextOf({ manifest }: Survey, { settings, clock }: Deps): RowContext {
  const now = clock.now();
  const limits: KokuLimits = {
    unpackedBytesMax: settings.uploads.unpackedBytesMax,
    futureMs: settings.intake.clockSkewMinutesMax * MINUTE_MS,
    oldestHour: monthsBefore(now, settings.retention.ledgerMonths),
  };
  // A clock that is ahead must not outdo what is stated once it goes right again.
  return { now, statedAt: Math.min(manifest.date ?? now, now), limits };
}

/** The start of the month that the ledger goes back to. */
function monthsBefore(now: number, months: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1);
}

async function readFiles(taking: Taking): Promise<UploadedFile[]> {
  const { upload, context, isKnown } = taking;
  const { survey, read } = upload;
  const listed = new Set(survey.manifest.files);
  const isNews = [...survey.digests.keys()].some((name) => listed.has(name) && !isKnown(name));
  const files: UploadedFile[] = [];
  for await (const { name, body } of readMembers(read(), context.limits)) {
    if (name === MANIFEST_NAME) continue;
    const digest = survey.digests.get(name) ?? null;
    if (!listed.has(name)) files.push(skippedFile(name, digest, 'the manifest does not list it'));
    else if (!isNews) files.push(skippedFile(name, digest, TAKEN_BEFORE));
    else files.push(toFile(name, digest, await readFile(taking, { name, body })));
  }
  return files;
}

/** Why a file is skipped that does not make its upload a failure. */
export const TAKEN_BEFORE = 'it was taken before, byte for byte';

/** A file that was taken before is read again beside one that was not: what they say of a node is one fact. */
async function readFile(
  { sink, merged, context, isKnown }: Taking,
  { name, body }: { readonly name: string; readonly body: AsyncIterable<Uint8Array> },
): Promise<ReportOutcome> {
  if (!isKnown(name)) return await readReport(body, { take: (fact) => sink.take(fact), merged, context });
  const { kind } = await readReport(body, { take: () => undefined, merged, context });
  return { kind, status: 'skipped', rowsTaken: 0, rowsRefused: 0, refused: [], reason: TAKEN_BEFORE };
}

/**
 * Facts of nodes and namespaces: of this archive, and of the siblings that came before. Each file that is merged makes them
 * a millisecond younger, so that of two statements the one that knows more counts, in whatever order they arrive.
 */
async function takeMerged(
  { upload, deps, context, sink, merged }: Taking,
  { mergedFiles, isWhole }: { readonly mergedFiles: readonly string[]; readonly isWhole: boolean },
): Promise<void> {
  const { tenantId, manifestUuid, cluster, digest } = upload;
  const key: UploadKey = { tenantId, manifestUuid, clusterId: (await cluster.settle()).id };
  const parts =
    isWhole || merged.size === 0
      ? await deps.uploads.parts(key)
      : await deps.uploads.addPart(key, { digest, files: mergedFiles, bytes: await merged.pack() }, deps.clock.now());
  const files = new Set(mergedFiles);
  for (const part of parts) {
    if (sameBytes(part.digest, digest)) continue;
    await merged.unpack(part.bytes);
    for (const name of part.files) files.add(name);
  }
  await takeAll(sink, merged.facts(context.statedAt + files.size));
}

async function takeAll(sink: FactSink, facts: Iterable<HourFact>): Promise<void> {
  for (const fact of facts) {
    const taking = sink.take(fact);
    if (taking) await taking;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}

function toFile(name: string, digest: Uint8Array | null, outcome: ReportOutcome): UploadedFile {
  return { name, digest, ...outcome };
}

function skippedFile(name: string, digest: Uint8Array | null, reason: string): UploadedFile {
  return { name, kind: null, status: 'skipped', rowsTaken: 0, rowsRefused: 0, refused: [], reason, digest };
}

function missingFile(name: string): UploadedFile {
  const reason = 'no archive has brought it yet';
  return { name, kind: null, status: 'missing', rowsTaken: 0, rowsRefused: 0, refused: [], reason, digest: null };
}
