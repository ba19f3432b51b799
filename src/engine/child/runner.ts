import { randomUUID } from 'node:crypto';
import { statfsSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { EngineLimits } from '../messages.ts';
import { type Body, readHead, STATEMENT_BYTES_MAX, spooled } from './body.ts';
import type { Database, EngineSession } from './database.ts';
import { exception } from './exception.ts';
import { quoteText } from './quote.ts';
import { readOnlyStatement } from './read-only.ts';
import { type ReplyFacts, type Summary, sendFile, sendWhole } from './reply.ts';
import type { EngineRequest } from './request.ts';
import { createSlots, type Slots } from './slots.ts';
import { readStatement, type Statement } from './statement.ts';

export interface Runner {
  /** Serves one request to its end. What fails before the first byte of the reply is thrown as an `EngineException`. */
  run(request: EngineRequest, res: ServerResponse, signal: AbortSignal): Promise<void>;
  /** Resolves when nothing runs any more. */
  drained(): Promise<void>;
}

const FORMAT_NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
const NO_INSERT = 'This user may only read tables: INSERT is not allowed';
const NOTHING = new Uint8Array();

export function createRunner(database: Database, limits: EngineLimits): Runner {
  const { concurrencyMax: places, waitingMax, waitMs } = limits;
  const slots = createSlots({ places, waitingMax, waitMs });
  const insertSlots = createSlots({ places, waitingMax, waitMs });
  const running = new Set<Promise<void>>();

  async function serve(request: EngineRequest, res: ServerResponse, signal: AbortSignal): Promise<void> {
    const body = await readHead(request.bytes);
    const statement = readStatement(body.head);
    if (statement.kind === 'insert') return insert({ request, res, body, statement }, signal);
    if (!body.complete) throw exception('syntaxError', `A statement has at most ${STATEMENT_BYTES_MAX} bytes`, 413);
    const text = body.head.toString();
    if (text.trim() === '') throw exception('syntaxError', 'Syntax error: Empty query');
    if (!request.user.readOnly) return answer({ request, res, statement, sql: text }, signal);
    const sql = await readOnlyStatement(database, text);
    const canonical = readStatement(Buffer.from(sql));
    if (canonical.kind === 'insert') throw exception('readOnly', NO_INSERT);
    return answer({ request, res, statement: canonical, sql }, signal);
  }

  async function insert({ request, res, body, statement }: InsertJob, signal: AbortSignal): Promise<void> {
    if (request.user.readOnly) throw exception('readOnly', NO_INSERT);
    if (!FORMAT_NAME.test(statement.format)) throw exception('syntaxError', 'An insert needs a format by name');
    const source = { body, from: statement.dataAt, folder: database.spoolDir, bytesMax: limits.insertBytesMax };
    const summary = await spooled(source, (path) =>
      placed(insertSlots, signal, () =>
        // Once its data is here an insert runs to its end, whether or not anybody waits for it.
        inSession(request, undefined, (session) => written(session, insertText(body.head, statement, path))),
      ),
    );
    await sendWhole(res, NOTHING, { facts: factsOf(request, request.defaultFormat), summary });
  }

  async function answer({ request, res, statement, sql }: AnswerJob, signal: AbortSignal): Promise<void> {
    const within = <T>(use: (session: EngineSession) => Promise<T>) =>
      placed(slots, signal, () => inSession(request, signal, use));
    if (statement.kind === 'write') {
      const summary = await within((session) => written(session, sql));
      return sendWhole(res, NOTHING, { facts: factsOf(request, request.defaultFormat), summary });
    }
    const format = statement.format ?? request.defaultFormat;
    const facts = factsOf(request, format);
    if (statement.kind !== 'rows') {
      const { bytes, summary } = await within((session) => queried(session, sql, format));
      return sendWhole(res, bytes, { facts, summary });
    }
    const reader = { ...request, settings: onEveryCore(request.settings) };
    // Rows go through a file: memory stays flat in every format, a failure always has its status, and a client that
    // reads slowly holds no place. The engine says nothing of a file that it could not write whole, so where the disk is
    // full, before or after, the rows come from memory instead, as many as may.
    const path = join(database.spoolDir, `${randomUUID()}.rows`);
    const write = async () => {
      const { summary } = await placed(slots, signal, () =>
        inSession(reader, signal, (session) => queried(session, outfileText(sql, statement, path), format)),
      );
      if (!hasRoom(database.spoolDir)) throw new SpoolFull();
      return summary;
    };
    try {
      if (hasRoom(database.spoolDir)) return await sendFile(res, path, { facts, write });
    } catch (error) {
      if (!(error instanceof SpoolFull)) throw error;
    }
    const settings = new Map(request.settings).set('max_result_bytes', String(IN_MEMORY_BYTES_MAX));
    const { bytes, summary } = await placed(slots, signal, () =>
      inSession({ ...request, settings }, signal, (session) => queried(session, sql, format)),
    );
    await sendWhole(res, bytes, { facts, summary });
  }

  async function inSession<T>(
    request: EngineRequest,
    signal: AbortSignal | undefined,
    use: (session: EngineSession) => Promise<T>,
  ): Promise<T> {
    const mark = randomUUID();
    const abandon = () => void kill(database, mark);
    const { database: name, user } = request;
    const settings = new Map(request.settings).set('log_comment', mark);
    return database.inSession({ database: name, settings, readOnly: user.readOnly }, async (session) => {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', abandon, { once: true });
      try {
        return await use(session);
      } finally {
        signal?.removeEventListener('abort', abandon);
      }
    });
  }

  return {
    run(request, res, signal) {
      const done = serve(request, res, signal);
      const settled = done.catch(() => undefined).finally(() => running.delete(settled));
      running.add(settled);
      return done;
    },
    async drained() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** Below this much room on its disk a result may not be whole. */
const SPOOL_ROOM_MIN = 32 * 2 ** 20;
/** Of a result that no file can hold. */
const IN_MEMORY_BYTES_MAX = 32 * 2 ** 20;

class SpoolFull extends Error {}

function hasRoom(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= SPOOL_ROOM_MIN;
}

const THREADS_BY_MEMORY = 'max_threads_min_free_memory_per_thread';

/**
 * By itself the engine gives a statement one thread for each GiB that is free, which in its memory here is one. Questions may have them
 * all; statements that write hold much more for each thread, and stay as they are.
 */
function onEveryCore(settings: EngineRequest['settings']): EngineRequest['settings'] {
  return new Map([[THREADS_BY_MEMORY, '0'], ...settings]);
}

interface InsertJob {
  readonly request: EngineRequest;
  readonly res: ServerResponse;
  readonly body: Body;
  readonly statement: Extract<Statement, { kind: 'insert' }>;
}

interface AnswerJob {
  readonly request: EngineRequest;
  readonly res: ServerResponse;
  readonly statement: Exclude<Statement, { kind: 'insert' }>;
  readonly sql: string;
}

async function placed<T>(slots: Slots, signal: AbortSignal, use: () => Promise<T>): Promise<T> {
  const release = await slots.take(signal);
  try {
    return await use();
  } finally {
    release();
  }
}

async function written(session: EngineSession, sql: string): Promise<Summary> {
  const startedAt = performance.now();
  const { rows, bytes } = await session.write(sql);
  return { writtenRows: rows, writtenBytes: bytes, elapsedMs: performance.now() - startedAt };
}

async function queried(session: EngineSession, sql: string, format: string) {
  const startedAt = performance.now();
  const { bytes, rows } = await session.query(sql, format);
  const elapsedMs = performance.now() - startedAt;
  return { bytes, summary: { resultRows: rows, resultBytes: bytes.length, elapsedMs } };
}

function insertText(head: Buffer, statement: InsertJob['statement'], path: string): string {
  const { infileAt, clauseAt, input, format } = statement;
  const text = (from: number, to: number) => head.subarray(from, to).toString();
  if (input) {
    const file = `file(${quoteText(path)}, ${quoteText(format)}, ${input.structure})`;
    return `${text(0, input.at)} ${file} ${text(input.endAt, clauseAt)}`;
  }
  const source = `FROM INFILE ${quoteText(path)} COMPRESSION 'none'`;
  return `${text(0, infileAt)} ${source} ${text(infileAt, clauseAt)} FORMAT ${format}`;
}

function outfileText(sql: string, { outfileAt, endAt }: Extract<Statement, { kind: 'rows' }>, path: string): string {
  const bytes = Buffer.from(sql);
  const text = (from: number, to: number) => bytes.subarray(from, to).toString();
  return `${text(0, outfileAt)}\nINTO OUTFILE ${quoteText(path)} COMPRESSION 'none'\n${text(outfileAt, endAt)}`;
}

/** Stops what nobody waits for any more. Best effort: the statement has a time limit in any case. */
async function kill(database: Database, mark: string): Promise<void> {
  const sql = `KILL QUERY WHERE Settings['log_comment'] = ${quoteText(mark)} ASYNC`;
  try {
    const options = { database: 'default', settings: new Map<string, string>(), readOnly: false };
    await database.inSession(options, (session) => session.query(sql, 'Null'));
  } catch {
    // It has ended by itself, or will at its time limit.
  }
}

function factsOf(request: EngineRequest, format: string): ReplyFacts {
  return { queryId: request.queryId, format, gzip: request.acceptsGzip };
}
