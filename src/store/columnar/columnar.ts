import type { z } from 'zod';
import type { ColumnKinds, Columns } from './typed-columns.ts';

/**
 * The columnar store, as the rest of the product sees it: one SQL dialect (ClickHouse), two engines, one HTTP protocol.
 *
 * Implementations bind `params` server-side, never buffer a streamed result, and turn an engine that is away into
 * `AppError('store_unavailable')`, a full disk into `store_full`, and a query over its limits into `query_timeout` or
 * `query_too_large`.
 */
export interface Columnar {
  /** All rows of a small result (at most `limits.resultRowsMax`), each parsed with `query.row`. */
  rows<T>(query: ColumnarQuery<T>, signal?: AbortSignal): Promise<T[]>;
  /** Likewise by column, for results of tens of thousands of rows; types are checked once for each column. */
  columns<const K extends ColumnKinds>(query: ColumnsQuery<K>, signal?: AbortSignal): Promise<Columns<K>>;
  /** The rows of a result of any size, in blocks; memory stays flat. */
  stream<T>(query: ColumnarQuery<T>, signal?: AbortSignal): AsyncIterable<readonly T[]>;
  /** Runs a statement that returns nothing (`INSERT … SELECT`, DDL). */
  command(statement: Omit<ColumnarQuery<never>, 'row'>, signal?: AbortSignal): Promise<{ rowsWritten: number }>;
  /** Inserts one block in the ClickHouse `Native` format; on return it is durable. A block without bytes is nothing. */
  insertNative(table: string, block: Uint8Array | NativeSource, signal?: AbortSignal): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export interface ColumnarQuery<T> {
  /** SQL with `{name:Type}` placeholders; values go in `params` only, never into the text. */
  readonly sql: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Reads a row as it comes as JSON, where 64-bit integers and decimals are text: what it makes of it is what callers get. */
  readonly row?: z.ZodType<T>;
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly timeoutMs?: number;
}

export interface ColumnsQuery<K extends ColumnKinds> extends Omit<ColumnarQuery<never>, 'row'> {
  /** What the statement selects, by name. */
  readonly kinds: K;
}

/**
 * A block whose columns are not those of its table, but what they are made of: a value that many rows share need not be
 * sent with each. All but the parameters' values is text of ours.
 */
export interface NativeSource {
  readonly block: Uint8Array;
  /** The columns of the block, by name: their types. */
  readonly columns: Readonly<Record<string, string>>;
  /** The columns of the table, by name: expressions over those of the block, with `{name:Type}` placeholders. */
  readonly select: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, string | number>>;
}
