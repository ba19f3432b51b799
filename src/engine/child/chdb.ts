/**
 * chDB's addon, directly: connections, and two calls that run off the event loop.
 *
 * Not through the package's `Session`, for three reasons that were measured. Its `close` waits for every statement of the
 * process, so short statements beside a long one pile up; its streams plan on the event loop, where one scalar subquery
 * stops everybody; and only the addon tells how many rows a statement wrote. What `Session` guards against is kept here
 * by construction: a connection runs one statement and is closed after it has settled.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Session } from 'chdb';
import { z } from 'zod';

export type Connection = Session['connection'];

/** `rowsRead` and `bytesRead` are chDB's names; they count the result before it is formatted, not what was read for it. */
interface ChdbResult {
  readonly bytes: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
}

export interface Chdb {
  CreateConnection(path: string, args?: readonly string[]): Connection;
  CloseConnection(connection: Connection): void;
  QueryAsyncConnection(connection: Connection, sql: string, format: string): Promise<ChdbResult>;
  /** Runs any statement, with `data` after it; tells what was written and gives no result. */
  InsertRawAsyncConnection(
    connection: Connection,
    sql: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<{ rowsWritten: number; bytesWritten: number }>;
}

const method = z.custom<never>((value) => typeof value === 'function', 'this version of chDB lacks a call');
const Loader = z.object({ loadNative: z.custom<() => unknown>((value) => typeof value === 'function') });
const Addon: z.ZodType<Chdb> = z.object({
  CreateConnection: method,
  CloseConnection: method,
  QueryAsyncConnection: method,
  InsertRawAsyncConnection: method,
});

/** Throws where the installed chDB has no such addon: a new version has to be looked at before it is used. */
export function loadChdb(): Chdb {
  const require = createRequire(import.meta.url);
  const loader = Loader.parse(require(join(dirname(require.resolve('chdb')), 'dist', 'loader.js')));
  return Addon.parse(loader.loadNative());
}
