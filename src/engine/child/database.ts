import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { EngineLimits } from '../messages.ts';
import { type Chdb, type Connection, loadChdb } from './chdb.ts';
import { CODE, exceptionOf } from './exception.ts';
import { quoteName, quoteText } from './quote.ts';

/** How a statement is to be run: everything but the statement itself. */
export interface SessionOptions {
  readonly database: string;
  /** Settings and query parameters (`param_x`), as texts. They are bound by the engine, never part of a statement. */
  readonly settings: ReadonlyMap<string, string>;
  readonly readOnly: boolean;
}

/** A connection to the engine; it is made for one statement, so no state can leak from one caller to the next. */
export interface EngineSession {
  /** The result in memory: for what is small, or goes to a file of its own. */
  query(sql: string, format: string): Promise<{ bytes: Uint8Array; rows: number }>;
  /** A statement that writes; how much it wrote. */
  write(sql: string): Promise<{ rows: number; bytes: number }>;
}

export interface Database {
  /** A session for as long as `use` runs. Everything that fails is an `EngineException`. */
  inSession<T>(options: SessionOptions, use: (session: EngineSession) => Promise<T>): Promise<T>;
  /** The folder where the data of inserts waits, and large results. */
  readonly spoolDir: string;
  close(): void;
}

const LOCK_RETRY_MS = 50;
const NO_DATA = Buffer.from('\n');

/**
 * Opens the data folder. chDB holds a lock on it that the kernel drops with its owner; an owner that is about to end is
 * waited for, `waitMs` at most.
 */
export async function openDatabase(dataDir: string, limits: EngineLimits, waitMs: number): Promise<Database> {
  const chdb = loadChdb();
  const spoolDir = join(dataDir, 'spool');
  const path = join(dataDir, 'store');
  const configFile = join(dataDir, 'engine.xml');
  mkdirSync(spoolDir, { recursive: true, mode: 0o700 });
  writeFileSync(configFile, serverConfig(limits), { mode: 0o600 });
  const keeper = await retried(waitMs, () => chdb.CreateConnection(path, [`--config-file=${configFile}`]));
  for (const left of readdirSync(spoolDir)) rmSync(join(spoolDir, left), { force: true });
  return {
    spoolDir,
    async inSession(options, use) {
      const connection = chdb.CreateConnection(path);
      try {
        await chdb.QueryAsyncConnection(connection, preamble(options), 'Null');
        return await use(sessionOn(chdb, connection));
      } catch (error) {
        throw survivable(error);
      } finally {
        chdb.CloseConnection(connection);
      }
    },
    close: () => chdb.CloseConnection(keeper),
  };
}

function sessionOn(chdb: Chdb, connection: Connection): EngineSession {
  return {
    async query(sql, format) {
      const { bytes, rowsRead: rows } = await chdb.QueryAsyncConnection(connection, sql, format);
      return { bytes, rows };
    },
    async write(sql) {
      const written = await chdb.InsertRawAsyncConnection(connection, sql, NO_DATA, false);
      return { rows: written.rowsWritten, bytes: written.bytesWritten };
    },
  };
}

async function retried<T>(waitMs: number, open: () => T): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return open();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(LOCK_RETRY_MS);
    }
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

/** After its own fatal error the engine answers nothing any more; only a new process helps, and the parent starts one. */
function survivable(error: unknown): Error {
  const failure = exceptionOf(error);
  if (failure.code === CODE.aborted[0]) process.kill(process.pid, 'SIGKILL');
  return failure;
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
