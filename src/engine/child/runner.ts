import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { EngineLimits } from '../messages.ts';
import { type Body, readHead, STATEMENT_BYTES_MAX, spooled } from './body.ts';
import type { Database, EngineSession } from './database.ts';
import { exception, exceptionOf } from './exception.ts';
import { quoteText } from './quote.ts';
import { readOnlyStatement } from './read-only.ts';
import { type Summary, sendPieces, sendWhole } from './reply.ts';
import type { EngineRequest } from './request.ts';
import { createSlots } from './slots.ts';
import { readStatement, type Statement } from './statement.ts';

export interface Runner {
  /** Serves one request to its end. What fails before the first byte of the reply is thrown as an `EngineException`. */
  run(request: EngineRequest, res: ServerResponse, signal: AbortSignal): Promise<void>;
  /** Resolves when nothing runs any more. */
  drained(): Promise<void>;
}

/** Formats whose pieces, joined, are the whole (compared byte by byte). The others are one document, or repeat a header. */
const STREAMED_FORMATS = new Set([
  'CSV',
  'JSONCompactEachRow',
  'JSONCompactStringsEachRow',
  'JSONEachRow',
  'JSONLines',
  'JSONStringsEachRow',
  'LineAsString',
  'MsgPack',
  'NDJSON',
  'Native',
  'RowBinary',
  'TSKV',
  'TSV',
  'TSVRaw',
  'TabSeparated',
  'TabSeparatedRaw',
]);
const NOT_STREAMED = /Streaming query is not supported/;
const FILE_FORMAT = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

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
    const sql = request.user.readOnly ? await readOnlyStatement(database, text) : text;
    const release = await slots.take(signal);
    try {
      await inSession(request, signal, (session) => answer({ request, res, session, statement, sql }));
    } finally {
      release();
    }
  }

  async function insert({ request, res, body, statement }: InsertJob, signal: AbortSignal): Promise<void> {
    if (request.user.readOnly) throw exception('readOnly', 'This user may only read tables: INSERT is not allowed');
    if (!FILE_FORMAT.test(statement.format)) throw exception('syntaxError', 'An insert needs a format by name');
    const source = { body, from: statement.dataAt, folder: database.spoolDir, bytesMax: limits.insertBytesMax };
    await spooled(source, async (path) => {
      const release = await insertSlots.take(signal);
      try {
        const startedAt = performance.now();
        // Once its data is here an insert runs to its end, whether or not anybody waits for it.
        const written = await inSession(request, undefined, (session) =>
          session.write(insertText(body.head, statement, path)),
        );
        const summary = { writtenRows: written.rows, writtenBytes: written.bytes, elapsedMs: since(startedAt) };
        await sendWhole(res, new Uint8Array(), { facts: factsOf(request, request.defaultFormat), summary });
      } finally {
        release();
      }
    });
  }

  async function inSession<T>(
    request: EngineRequest,
    signal: AbortSignal | undefined,
    use: (session: EngineSession) => Promise<T>,
  ): Promise<T> {
    const mark = randomUUID();
    const settings = new Map(request.settings).set('log_comment', mark);
    const session = await database.session({ ...request, settings, readOnly: request.user.readOnly });
    const abandon = () => void kill(database, mark);
    signal?.addEventListener('abort', abandon, { once: true });
    try {
      signal?.throwIfAborted();
      return await use(session);
    } finally {
      signal?.removeEventListener('abort', abandon);
      session.close();
    }
  }

  async function answer({ request, res, session, statement, sql }: AnswerJob): Promise<void> {
    const startedAt = performance.now();
    if (statement.kind === 'write') {
      const written = await session.write(sql);
      const summary = { writtenRows: written.rows, writtenBytes: written.bytes, elapsedMs: since(startedAt) };
      return sendWhole(res, new Uint8Array(), { facts: factsOf(request, request.defaultFormat), summary });
    }
    const format = ('format' in statement ? statement.format : undefined) ?? request.defaultFormat;
    const facts = factsOf(request, format);
    if (statement.kind === 'rows' && STREAMED_FORMATS.has(format)) {
      const sent = await sendRows(res, session.pieces(sql, format), { facts, startedAt });
      if (sent) return;
    }
    const { bytes, rowsRead, bytesRead } = await session.document(sql, format);
    if (bytes.length > limits.documentBytesMax) {
      const words = `The result in format ${format} is larger than ${limits.documentBytesMax} bytes; ask for one that streams`;
      throw exception('tooManyRowsOrBytes', words);
    }
    const summary = {
      readRows: rowsRead,
      readBytes: bytesRead,
      resultBytes: bytes.length,
      elapsedMs: since(startedAt),
    };
    await sendWhole(res, bytes, { facts, summary });
  }

  return {
    run(request, res, signal) {
      const done = serve(request, res, signal);
      const settled = done.then(
        () => undefined,
        () => undefined,
      );
      running.add(settled);
      void settled.then(() => running.delete(settled));
      return done;
    },
    async drained() {
      while (running.size > 0) await Promise.all(running);
    },
  };
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
  readonly session: EngineSession;
  readonly statement: Exclude<Statement, { kind: 'insert' }>;
  readonly sql: string;
}

type Facts = Parameters<typeof sendPieces>[2];

/**
 * Holds the first piece until it is known whether it is all: then a small result has its length and its summary, and a
 * failure its status. False where the engine does not stream this statement; nothing has happened then.
 */
async function sendRows(
  res: ServerResponse,
  pieces: AsyncIterable<{ bytes: Uint8Array; rows: number }>,
  { facts, startedAt }: { facts: Facts; startedAt: number },
): Promise<boolean> {
  const all = pieces[Symbol.asyncIterator]();
  try {
    const first = await firstOf(all);
    if (first === undefined) return false;
    const second = first.done ? first : await all.next();
    if (second.done) {
      const { bytes = new Uint8Array(), rows: resultRows = 0 } = first.done ? {} : first.value;
      const summary: Summary = { resultRows, resultBytes: bytes.length, elapsedMs: since(startedAt) };
      await sendWhole(res, bytes, { facts, summary });
      return true;
    }
    const begun = [first, second].flatMap(({ value, done }) => (done ? [] : [value.bytes]));
    await sendPieces(res, continued(begun, all), facts);
    return true;
  } finally {
    await all.return?.();
  }
}

async function firstOf<T>(all: AsyncIterator<T>): Promise<IteratorResult<T> | undefined> {
  try {
    return await all.next();
  } catch (error) {
    const failure = exceptionOf(error);
    if (NOT_STREAMED.test(failure.message)) return undefined;
    throw failure;
  }
}

async function* continued(begun: Uint8Array[], rest: AsyncIterator<{ bytes: Uint8Array }>): AsyncGenerator<Uint8Array> {
  yield* begun;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value.bytes;
}

function insertText(head: Buffer, statement: InsertJob['statement'], path: string): string {
  const text = (from: number, to: number) => head.subarray(from, to).toString();
  const { infileAt, clauseAt, format } = statement;
  const source = `FROM INFILE ${quoteText(path)} COMPRESSION 'none'`;
  return `${text(0, infileAt)} ${source} ${text(infileAt, clauseAt)} FORMAT ${format}`;
}

/** Stops what nobody waits for any more. Only best effort: the statement has a time limit in any case. */
async function kill(database: Database, mark: string): Promise<void> {
  try {
    const session = await database.session({ database: 'default', settings: new Map(), readOnly: false });
    try {
      const sql = `KILL QUERY WHERE Settings['log_comment'] = ${quoteText(mark)} ASYNC`;
      await session.document(sql, 'Null');
    } finally {
      session.close();
    }
  } catch {
    // It has ended by itself, or will at its time limit.
  }
}

function factsOf(request: EngineRequest, format: string): Facts {
  return { queryId: request.queryId, format, gzip: request.acceptsGzip };
}

function since(startedAt: number): number {
  return performance.now() - startedAt;
}
