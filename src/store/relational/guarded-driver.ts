import type {
  CompiledQuery,
  DatabaseConnection,
  Driver,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from 'kysely';
import { relationalError, unavailable } from './errors.ts';
import type { Turnstile } from './turnstile.ts';

/**
 * Wraps one of Kysely's drivers, so that every failure leaves in the product's words.
 *
 * With a turnstile it also hands out the connection to one caller at a time, with a bounded wait. A driver with a single
 * connection needs that: a stranger's statement would otherwise become part of whatever transaction is open, and go with it.
 */
export class GuardedDriver implements Driver {
  readonly #inner: Driver;
  readonly #turnstile: Turnstile | undefined;

  constructor(inner: Driver, turnstile?: Turnstile) {
    this.#inner = inner;
    this.#turnstile = turnstile;
  }

  async init(): Promise<void> {
    await guarded(() => this.#inner.init());
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turnstile?.enter();
    try {
      return new GuardedConnection(await this.#inner.acquireConnection());
    } catch (error) {
      this.#turnstile?.leave();
      throw unavailable(error);
    }
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    try {
      await this.#inner.releaseConnection(unwrap(connection));
    } finally {
      this.#turnstile?.leave();
    }
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await guarded(() => this.#inner.beginTransaction(unwrap(connection), settings));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await guarded(() => this.#inner.commitTransaction(unwrap(connection)));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await guarded(() => this.#inner.rollbackTransaction(unwrap(connection)));
  }

  async savepoint(connection: DatabaseConnection, name: string, compile: QueryCompiler['compileQuery']): Promise<void> {
    await this.#inner.savepoint?.(unwrap(connection), name, compile);
  }

  async destroy(): Promise<void> {
    await this.#inner.destroy();
  }
}

class GuardedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;

  constructor(inner: DatabaseConnection) {
    this.inner = inner;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return guarded(() => this.inner.executeQuery<R>(query));
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize);
  }
}

function unwrap(connection: DatabaseConnection): DatabaseConnection {
  return connection instanceof GuardedConnection ? connection.inner : connection;
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw relationalError(error);
  }
}
