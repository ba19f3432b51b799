import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Session } from 'chdb';
import type { EngineLimits } from '../messages.ts';
import { CODE, exception, exceptionOf } from './exception.ts';
import { quoteName, quoteText } from './quote.ts';

/** How a statement is to be run: everything but the statement itself. */
export interface SessionOptions {
  readonly database: string;
  /** Settings and query parameters (`param_x`), as texts. They are bound by the engine, never part of a statement. */
  readonly settings: ReadonlyMap<string, string>;
  readonly readOnly: boolean;
}

/** One connection to the engine; it is made for one statement, so no state can leak from one caller to the next. */
export interface EngineSession {
  /** The whole result, for what is one document. */
  document(sql: string, format: string): Promise<{ bytes: Uint8Array; rowsRead: number; bytesRead: number }>;
  /** The result piece by piece; only where pieces of `format` can be joined. */
  pieces(sql: string, format: string): AsyncIterable<{ bytes: Uint8Array; rows: number }>;
  /** A statement that writes; how much it wrote. */
  write(sql: string): Promise<{ rows: number; bytes: number }>;
  close(): void;
}

export interface Database {
  session(options: SessionOptions): Promise<EngineSession>;
  /** The folder where the data of inserts waits. */
  readonly spoolDir: string;
  close(): void;
}

/**
 * Opens the data folder. chDB holds a lock on it that the kernel drops with its owner; an owner that is about to end is
 * waited for, `waitMs` at most.
 */
export async function openDatabase(dataDir: string, limits: EngineLimits, waitMs: number): Promise<Database> {
  const spoolDir = join(dataDir, 'spool');
  mkdirSync(spoolDir, { recursive: true, mode: 0o700 });
  const configFile = join(dataDir, 'engine.xml');
  const path = join(dataDir, 'store');
  const keeper = await retried(waitMs, () => {
    writeFileSync(configFile, serverConfig(limits), { mode: 0o600 });
    return new Session(path, { connectionArgs: [`--config-file=${configFile}`] });
  });
  for (const left of readdirSync(spoolDir)) rmSync(join(spoolDir, left), { force: true });
  return {
    spoolDir,
    session: (options) => openSession(path, options),
    close: () => keeper.close(),
  };
}

async function retried<T>(waitMs: number, open: () => T): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return open();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
    }
  }
}

const LOCK_RETRY_MS = 50;

async function openSession(path: string, options: SessionOptions): Promise<EngineSession> {
  const session = new Session(path);
  try {
    await session.queryAsync(preamble(options));
  } catch (error) {
    session.close();
    throw exceptionOf(error);
  }
  return {
    async document(sql, format) {
      const result = await session.queryAsync(sql, { format }).catch(rethrow);
      return { bytes: result.bytes(), rowsRead: result.rowsRead, bytesRead: result.bytesRead };
    },
    pieces: (sql, format) => pieces(session, sql, format),
    async write(sql) {
      const result = await native.InsertRawAsyncConnection(session.connection, sql, NO_DATA, false).catch(rethrow);
      return { rows: result.rowsWritten, bytes: result.bytesWritten };
    },
    close: () => session.close(),
  };
}

async function* pieces(session: Session, sql: string, format: string) {
  try {
    for await (const chunk of session.queryStream(sql, { format })) {
      yield { bytes: chunk.raw(), rows: chunk.numRows };
    }
  } catch (error) {
    rethrow(error);
  }
}

/** `readonly` comes last: with it the session can change nothing more, not even itself. */
function preamble({ database, settings, readOnly }: SessionOptions): string {
  const assignments = [...settings].map(([name, value]) => `${name} = ${quoteText(value)}`);
  const statements = [`USE ${quoteName(database)}`];
  if (assignments.length > 0) statements.push(`SET ${assignments.join(', ')}`);
  if (readOnly) statements.push('SET readonly = 1');
  return statements.join('; ');
}

/** After its own fatal error the engine answers nothing any more; only a new process helps, and its parent starts one. */
function rethrow(error: unknown): never {
  const failure = exceptionOf(error);
  if (failure.code === CODE.aborted[0]) process.kill(process.pid, 'SIGKILL');
  throw failure;
}

/** Few caches and a hard ceiling: the engine is a guest in a small process, not the owner of the machine. */
function serverConfig({ memoryBytesMax }: EngineLimits): string {
  const entries = {
    max_server_memory_usage: memoryBytesMax,
    mark_cache_size: Math.floor(memoryBytesMax / 16),
    primary_index_cache_size: Math.floor(memoryBytesMax / 16),
    index_mark_cache_size: Math.floor(memoryBytesMax / 64),
    uncompressed_cache_size: 0,
    compiled_expression_cache_size: Math.floor(memoryBytesMax / 64),
  };
  const lines = Object.entries(entries).map(([name, value]) => `  <${name}>${value}</${name}>`);
  return `<clickhouse>\n${lines.join('\n')}\n</clickhouse>\n`;
}

const NO_DATA = Buffer.from('\n');

/**
 * The one call of chDB's own addon that its public face does not carry: it tells how many rows a statement wrote. The
 * public `insert` runs the same call, for rows that the caller holds in memory.
 */
interface NativeWriter {
  InsertRawAsyncConnection(
    connection: unknown,
    sql: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<{ rowsWritten: number; bytesWritten: number }>;
}

const native = loadNative();

function loadNative(): NativeWriter {
  const require = createRequire(import.meta.url);
  const loader: unknown = require(join(dirname(require.resolve('chdb')), 'dist', 'loader.js'));
  const addon = isLoader(loader) ? loader.loadNative() : undefined;
  if (!isWriter(addon)) throw exception('notImplemented', 'This version of chDB cannot report written rows');
  return addon;
}

function isLoader(value: unknown): value is { loadNative(): unknown } {
  return typeof value === 'object' && value !== null && 'loadNative' in value;
}

function isWriter(value: unknown): value is NativeWriter {
  return typeof value === 'object' && value !== null && 'InsertRawAsyncConnection' in value;
}
