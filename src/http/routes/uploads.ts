import { createHash } from 'node:crypto';
import { addAbortSignal } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  type UploadReply,
  uploadReports,
  uploadReportsMisspelt,
  uploadStatus,
  type UploadedFile as WireFile,
} from '../../contracts/uploads.ts';
import { abortable } from '../../intake/abortable.ts';
import { AppError, type ErrorCode } from '../../lib/errors.ts';
import { readMembers } from '../../sources/koku/archive.ts';
import { type Survey, surveyArchive } from '../../sources/koku/koku.ts';
import type { StoredFile, UploadedFile } from '../../store/relational/uploads.ts';
import type { ClusterRecord, ServerDeps } from '../dependencies.ts';
import { createIngestTargets } from '../ingest-target.ts';
import { principalOf } from '../plugins/auth.ts';
import { type AddRoute, type Call, createRouteAdder } from '../route.ts';
import { instantText } from '../texts.ts';
import { createSlots, type SlotLimits } from '../uploads/slots.ts';
import { type Spooled, spool } from '../uploads/spool.ts';
import { TAKEN_BEFORE, type TakenUpload, takeUpload } from '../uploads/take-upload.ts';
import { uploadCluster } from '../uploads/upload-cluster.ts';

type Deps = Pick<
  ServerDeps,
  'clusters' | 'intake' | 'uploads' | 'sourceLog' | 'settings' | 'metrics' | 'clock' | 'log'
>;
type UploadCall = Pick<Call<typeof uploadReports>, 'request' | 'reply' | 'signal'>;

/** By which the operators' own server names a request; they log it. */
const REQUEST_ID_HEADER = 'x-rh-insights-request-id';
const FILE_FIELD = 'file';
const PARTS_MAX = 10;
const FIELD_BYTES_MAX = 64 * 1_024;
const BUSY_SECONDS = 15;
/** Archives that arrive or wait for each that is read: a slow line holds up its own tenant at most, and no reading. */
const ARRIVING_PER_READ = 4;

/** The routes below, in a corner of their own: nothing else takes multipart bodies. */
export async function registerUploads(app: FastifyInstance, deps: Deps): Promise<void> {
  await app.register(async (corner) => {
    await corner.register(multipart);
    // A body of any other type is not read: the refusal is in the words of this surface.
    corner.addContentTypeParser('*', async () => undefined);
    addUploadRoutes(createRouteAdder(corner, deps.settings.http), deps);
  });
}

/**
 * Uploads of the cost-management operators, and what became of them. A 202 says that every row of the files called `taken`
 * is durable, but for those that it counts as refused; an archive that is broken anywhere is refused whole.
 */
function addUploadRoutes(add: AddRoute, deps: Deps): void {
  const receive = createReceiver(deps);
  const options = { timeoutMs: deps.settings.uploads.timeoutMs };
  for (const route of [uploadReports, uploadReportsMisspelt]) {
    add(route, receive, options);
    add({ ...route, url: `${route.url}/` }, receive, options); // the default path of operators of 2020 and 2021
  }
  add(uploadStatus, async ({ params: { uuid }, request }) => {
    const { tenantId, clusterId } = principalOf(request);
    const all = await deps.uploads.files(tenantId, uuid.toLowerCase());
    const files = all.filter((file) => clusterId === null || file.clusterId === clusterId);
    if (files.length === 0) throw new AppError('not_found', `there is no upload ${uuid}`);
    const names = new Map((await deps.clusters.list(tenantId)).map(({ id, name }) => [id, name]));
    const uploads = [...Map.groupBy(files, (file) => file.clusterId)].map(([id, those]) => ({
      cluster: names.get(id) ?? id,
      cluster_id: id,
      ...summaryOf(those),
    }));
    return { uuid, uploads };
  });
}

function summaryOf(files: readonly StoredFile[]) {
  return {
    received_at: instantText(Math.max(...files.map(({ receivedAt }) => receivedAt))),
    complete: files.every(({ status }) => status !== 'missing'),
    files: files.map(toWire),
  };
}

function createReceiver(deps: Deps): (call: UploadCall) => Promise<UploadReply> {
  const { concurrentMax } = deps.settings.uploads;
  const note = createNotes(deps);
  const arriving = createSlots(sharesOf(concurrentMax * ARRIVING_PER_READ));
  const reading = createSlots(sharesOf(concurrentMax));
  return async ({ request, reply, signal }) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    const { tenantId } = principalOf(request);
    using here = arriving.tryTake(tenantId);
    if (here === null) throw tooMany(sharesOf(concurrentMax * ARRIVING_PER_READ));
    await using archive = await fileOf(request, deps, signal);
    using _slot = await reading.take(tenantId, signal);
    return await note(await receive(archive, { request, signal }, deps));
  };
}

/** No tenant has more than half. */
function sharesOf(max: number): SlotLimits {
  return { max, perOwnerMax: Math.max(1, Math.floor(max / 2)) };
}

function tooMany({ max, perOwnerMax }: SlotLimits): AppError {
  const message = `cannot take an upload: ${max} may arrive or be read at once, ${perOwnerMax} of them of one tenant`;
  return new AppError('intake_full', message, { retryAfterSeconds: BUSY_SECONDS });
}

interface Received {
  /** `null` where nothing was taken, and there was no such cluster before. */
  readonly cluster: ClusterRecord | null;
  readonly uuid: string;
  readonly tenant: string;
  readonly taken: TakenUpload;
}

async function receive(
  archive: Spooled,
  { request, signal }: Pick<UploadCall, 'request' | 'signal'>,
  deps: Deps,
): Promise<Received> {
  const principal = principalOf(request);
  const limits = { unpackedBytesMax: deps.settings.uploads.unpackedBytesMax };
  const survey = await inWords('Failed to process tar.gz', () =>
    surveyArchive(readMembers(archive.read(signal), limits)),
  );
  const cluster = await uploadCluster(principal, survey.manifest, deps);
  const uuid = uuidOf(survey, archive);
  const read = () => archive.read(signal);
  const taken = await inWords('Failed to process tar.gz', () =>
    takeUpload(
      { tenantId: principal.tenantId, manifestUuid: uuid, cluster, survey, digest: archive.digest, read, signal },
      deps,
    ),
  );
  return { cluster: cluster.known, uuid, tenant: principal.tenantId, taken };
}

/** Counts what came, and makes the reply; refuses an upload of which nothing could be taken. */
function createNotes(deps: Deps): (received: Received) => Promise<UploadReply> {
  const { metrics, sourceLog } = deps;
  const targets = createIngestTargets(deps);
  const rows = metrics.counter({
    name: 'kubetally_upload_rows_total',
    help: 'Rows of uploaded reports: taken and durable, or refused.',
    labels: ['outcome'],
  });
  return async ({ cluster, uuid, tenant, taken: { files, newestHour } }) => {
    const [taken, refused] = [sum(files, 'rowsTaken'), sum(files, 'rowsRefused')];
    rows.add(taken, { outcome: 'taken' });
    rows.add(refused, { outcome: 'refused' });
    if (cluster) {
      const target = { tenant, cluster: cluster.id };
      sourceLog.note(target, 'koku', { taken, refused: reasonsOf(files), newestAt: newestHour });
      await targets.reported(target);
    }
    if (!cluster || isRefused(files)) throw nothingTaken(files);
    return {
      message: 'File processed successfully',
      uuid,
      cluster: cluster.name,
      cluster_id: cluster.id,
      files: files.map(toWire),
    };
  };
}

/** The upload's file on disk; the request is read to its end. */
async function fileOf(request: FastifyRequest, { settings }: Deps, signal: AbortSignal): Promise<Spooled> {
  return await inWords('File upload failed', async () => {
    if (!request.isMultipart()) throw new AppError('invalid_payload', 'the body is not multipart/form-data');
    // The reader of multipart bodies does not always hear of a sender that has left: nobody must wait for it then.
    const spooling = spooledPart(request, settings.uploads, signal);
    const archive = await abortable(spooling, signal).catch((error: unknown) => {
      void spooling.then((late) => late?.[Symbol.asyncDispose]()).catch(() => {});
      throw error;
    });
    if (!archive) throw new AppError('invalid_payload', `there is no part called "${FILE_FIELD}"`);
    return archive;
  });
}

async function spooledPart(
  request: FastifyRequest,
  { folder, archiveBytesMax: bytesMax }: Deps['settings']['uploads'],
  signal: AbortSignal,
): Promise<Spooled | null> {
  const limits = { fileSize: bytesMax + 1, files: 1, parts: PARTS_MAX, fieldSize: FIELD_BYTES_MAX };
  let archive: Spooled | null = null;
  try {
    for await (const part of request.parts({ limits, isPartAFile: (name) => name === FILE_FIELD })) {
      if (part.type !== 'file') continue;
      archive = await spool(addAbortSignal(signal, part.file), { folder, bytesMax, signal });
    }
    return archive;
  } catch (error) {
    await archive?.[Symbol.asyncDispose]();
    throw isAboutRequest(error) ? new AppError('invalid_payload', error.message, { cause: error }) : error;
  }
}

/** What the reader of multipart bodies says of a body that is none, or is cut short. */
function isAboutRequest(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof AppError) return false;
  const status = 'statusCode' in error ? Number(error.statusCode) : 400;
  return status < 500;
}

const CALLERS_FAULT: ReadonlySet<ErrorCode> = new Set(['invalid_payload', 'body_too_large', 'limit_exceeded']);

/** Says a refusal in the words that senders of uploads know. What is not the archive's fault goes through as it is. */
async function inWords<T>(words: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || !CALLERS_FAULT.has(error.code) || error.message.startsWith(words)) throw error;
    const message = `${words}: ${error.message}`;
    throw new AppError(error.code, message, { details: { ...error.details, error: message }, cause: error });
  }
}

/** A sender that names no uuid still gets the same one for the same archive. */
function uuidOf({ manifest }: Survey, { digest }: Spooled): string {
  if (manifest.uuid !== null) return manifest.uuid;
  const hex = createHash('sha256').update(digest).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Nothing of it is in the ledger, neither by this upload nor by an earlier one. */
function isRefused(files: readonly UploadedFile[]): boolean {
  return !files.some(({ status, reason }) => status === 'taken' || reason === TAKEN_BEFORE);
}

function nothingTaken(files: readonly UploadedFile[]): AppError {
  const problems = files.map(({ name, reason, refused: [row] }) => ({
    field: name,
    message: reason ?? `line ${row?.line}: ${row?.column}: ${row?.message}`,
    in: 'body' as const,
  }));
  // What was refused says more than what was left out.
  const worst = files.findIndex(({ status }) => status === 'refused');
  const first = problems[Math.max(0, worst)];
  const why = first
    ? `none of its files can be taken; the first: ${first.field}: ${first.message}`
    : 'its manifest lists no files, and there are none in it';
  const message = `Failed to process tar.gz: ${why}`;
  return new AppError('invalid_payload', message, { details: { problems, error: message } });
}

function reasonsOf(files: readonly UploadedFile[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { kind, refused, rowsRefused } of files) {
    const count = (reason: string, rows: number) => {
      reasons[reason] = (reasons[reason] ?? 0) + rows;
    };
    for (const { column, message } of refused) count(`${kind}: ${column}: ${message}`, 1);
    if (rowsRefused > refused.length) count('further rows, whose faults were not listed', rowsRefused - refused.length);
  }
  return reasons;
}

function sum(files: readonly UploadedFile[], of: 'rowsTaken' | 'rowsRefused'): number {
  return files.reduce((total, file) => total + file[of], 0);
}

function toWire({ name, kind, status, rowsTaken, rowsRefused, reason, refused }: UploadedFile): WireFile {
  return {
    name,
    kind,
    status,
    rows_taken: rowsTaken,
    rows_refused: rowsRefused,
    ...(reason === null ? {} : { reason }),
    refused: refused.map(({ line, column, message }) => ({ line, column, message })),
  };
}
