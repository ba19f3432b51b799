import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type ClickHouseClient, type ClickHouseSettings, createClient } from '@clickhouse/client';
import { AppError } from '../../lib/errors.ts';
import { columnarError } from './clickhouse-errors.ts';
import type { Columnar, ColumnarQuery, ColumnsQuery, NativeSource } from './columnar.ts';
import { type ColumnKinds, type Columns, typedColumns } from './typed-columns.ts';

export interface ClickHouseOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Of a statement that names none of its own. */
  readonly timeoutMs?: number;
  /** Most rows that `rows` returns; more is `query_too_large`. */
  readonly resultRowsMax?: number;
  readonly connectionsMax?: number;
}

const TIMEOUT_MS = 30_000;
const RESULT_ROWS_MAX = 200_000;
const CONNECTIONS_MAX = 10;
/** The server ends a statement at its time; only when it does not, we stop waiting. */
const GRACE_MS = 5_000;
/**
 * A read is tried again after each of these times. An embedded engine that died is mostly back within the first; where every core is
 * busy its start takes longer, and connections that were open break one after the other. Whoever asks waits no more than their sum.
 */
const READ_RETRIES_MS = [400, 1_500] as const;
/** Exact on the wire: what a double cannot carry comes as text. */
const EXACT: ClickHouseSettings = { output_format_json_quote_64bit_integers: 1, output_format_json_quote_decimals: 1 };
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** A ClickHouse server, or the embedded engine, as `Columnar`. Connects when first asked. */
export function createClickHouse(options: ClickHouseOptions): Columnar {
  return new ClickHouse(options);
}

/** Makes the database of `options` where it does not exist. */
export async function createDatabase(options: ClickHouseOptions): Promise<void> {
  const server = createClickHouse({ ...options, database: 'default' });
  try {
    await server.command({ sql: `CREATE DATABASE IF NOT EXISTS \`${checkedName(options.database)}\`` });
  } finally {
    await server.close();
  }
}

type Statement = Omit<ColumnarQuery<never>, 'row'>;

class ClickHouse implements Columnar {
  readonly #client: ClickHouseClient;
  readonly #timeoutMs: number;
  readonly #resultRowsMax: number;

  constructor(options: ClickHouseOptions) {
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#resultRowsMax = options.resultRowsMax ?? RESULT_ROWS_MAX;
    this.#client = createClient({
      url: options.url,
      username: options.user,
      password: options.password,
      database: checkedName(options.database),
      max_open_connections: options.connectionsMax ?? CONNECTIONS_MAX,
      request_timeout: NO_TIMEOUT_MS, // every call has a signal of its own
      log: { level: SILENT },
      clickhouse_settings: EXACT,
    });
  }

  async rows<T>(query: ColumnarQuery<T>, signal?: AbortSignal): Promise<T[]> {
    return this.#retried(signal, async () => {
      const all: T[] = [];
      for await (const block of this.#blocks(query, this.#bounds(), signal)) {
        for (const row of block) all.push(row);
      }
      return all;
    });
  }

  async columns<const K extends ColumnKinds>(query: ColumnsQuery<K>, signal?: AbortSignal): Promise<Columns<K>> {
    return this.#retried(signal, () =>
      this.#bounded(query.timeoutMs, signal, async (abort_signal) => {
        const result = await this.#client.query({
          ...this.#request(query, this.#bounds()),
          format: 'JSONColumnsWithMetadata',
          abort_signal,
        });
        return typedColumns(await result.json<unknown>(), query.kinds);
      }),
    );
  }

  async *stream<T>(query: ColumnarQuery<T>, signal?: AbortSignal): AsyncIterable<readonly T[]> {
    yield* this.#blocks(query, {}, signal);
  }

  async command(statement: Statement, signal?: AbortSignal): Promise<{ rowsWritten: number }> {
    return this.#bounded(statement.timeoutMs, signal, async (abort_signal) => {
      const { summary } = await this.#client.command({
        ...this.#request(statement, { wait_end_of_query: 1 }),
        abort_signal,
      });
      return { rowsWritten: Number(summary?.written_rows ?? 0) };
    });
  }

  async insertNative(table: string, rows: Uint8Array | NativeSource, signal?: AbortSignal): Promise<void> {
    const target = table.split('.').map(checkedName).join('.');
    const { block, from, params, settings } = sourceOf(rows);
    if (block.length === 0) return;
    await this.#bounded(undefined, signal, async (abort_signal) => {
      const { stream } = await this.#client.exec({
        query: `INSERT INTO ${target} ${from} FORMAT Native`,
        query_params: { ...params },
        values: Readable.from([block], { objectMode: false }),
        clickhouse_settings: { ...settings, async_insert: 0, wait_end_of_query: 1 }, // on return it is durable
        abort_signal,
      });
      for await (const _ of stream);
    });
  }

  async ping(): Promise<boolean> {
    const { success } = await this.#client.ping({ select: true, abort_signal: AbortSignal.timeout(GRACE_MS) });
    return success;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #bounds(): ClickHouseSettings {
    return { max_result_rows: String(this.#resultRowsMax), result_overflow_mode: 'throw' };
  }

  async *#blocks<T>(query: ColumnarQuery<T>, bounds: ClickHouseSettings, signal?: AbortSignal): AsyncGenerator<T[]> {
    const schema = query.row;
    const limit = this.#limit(query.timeoutMs, signal);
    try {
      const result = await this.#client.query({
        ...this.#request(query, bounds),
        format: 'JSONEachRow',
        abort_signal: limit.signal,
      });
      for await (const block of result.stream<T>()) {
        yield block.map((row) => (schema ? schema.parse(row.json()) : row.json<T>()));
      }
    } catch (error) {
      throw limit.meaning(error);
    } finally {
      limit.release();
    }
  }

  #request({ sql, params, settings, timeoutMs = this.#timeoutMs }: Statement, more: ClickHouseSettings) {
    return {
      query: sql,
      ...(params === undefined ? {} : { query_params: { ...params } }),
      clickhouse_settings: { max_execution_time: Math.ceil(timeoutMs / 1000), ...more, ...settings },
    };
  }

  async #bounded<T>(
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limit = this.#limit(timeoutMs, signal);
    try {
      return await call(limit.signal);
    } catch (error) {
      throw limit.meaning(error);
    } finally {
      limit.release();
    }
  }

  /** The caller's signal and the time limit as one; and what a failure under them means. */
  #limit(timeoutMs = this.#timeoutMs, caller?: AbortSignal) {
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), timeoutMs + GRACE_MS);
    return {
      signal: caller ? AbortSignal.any([caller, timer.signal]) : timer.signal,
      release: () => clearTimeout(timeout),
      meaning(error: unknown): unknown {
        if (caller?.aborted) return caller.reason;
        if (timer.signal.aborted) {
          return new AppError('query_timeout', `no answer in ${timeoutMs} ms`, { cause: error });
        }
        return columnarError(error);
      },
    };
  }

  async #retried<T>(signal: AbortSignal | undefined, read: () => Promise<T>): Promise<T> {
    for (const waitMs of READ_RETRIES_MS) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'store_unavailable') throw error;
        await pause(waitMs, undefined, signal ? { signal } : {});
      }
    }
    return read();
  }
}

const NO_TIMEOUT_MS = 2 ** 31 - 1;
const SILENT = 127; // ClickHouseLogLevel.OFF

/** The columns of a block that has its table's names, or how they are made. */
function sourceOf(
  rows: Uint8Array | NativeSource,
): Pick<NativeSource, 'block' | 'params' | 'settings'> & { from: string } {
  if (rows instanceof Uint8Array) return { block: rows, from: '' };
  const { columns, select, ...rest } = rows;
  const structure = Object.entries(columns).map(([name, type]) => `${checkedName(name)} ${type}`);
  const names = Object.keys(select).map(checkedName);
  const from = `(${names.join(', ')}) SELECT ${Object.values(select).join(', ')} FROM input('${structure.join(', ')}')`;
  return { ...rest, from };
}

function checkedName(name: string): string {
  if (!NAME.test(name)) throw new RangeError(`${JSON.stringify(name.slice(0, 64))} is no name of a table or database`);
  return name;
}
