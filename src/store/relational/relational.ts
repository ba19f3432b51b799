import { type Kysely, Transaction } from 'kysely';
import type { Schema } from './schema.ts';

/**
 * The relational store, as the rest of the product sees it: one SQL dialect (PostgreSQL), two engines.
 *
 * Both engines turn an engine that is away into `AppError('store_unavailable')`, a full disk into `store_full`, a
 * statement over its time into `query_timeout`, a broken unique rule into `conflict`, a missing referred row into
 * `not_found`, and a value its column cannot hold (a NUL in a text, a malformed UUID) into `invalid_request`.
 */
export interface Relational {
  readonly db: Database;
  readonly capabilities: RelationalCapabilities;
  /**
   * Runs `work` in one transaction: everything or nothing. A lost race (deadlock, serialisation) is tried again, at most
   * `TRANSACTION_ATTEMPTS_MAX` times, so `work` must have no other effects. Inside it use `transaction` alone: the
   * embedded engine has one connection, and `db` would wait for it until it times out.
   */
  transaction<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

/** What a repository needs: the store itself, or a transaction that is under way. */
export type Database = Kysely<Schema>;

/** Runs `work` in the transaction that `db` already is, or in one of its own. */
export function inTransaction<T>(db: Database, work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
  return db instanceof Transaction ? work(db) : db.transaction().execute(work);
}

export const TRANSACTION_ATTEMPTS_MAX = 4;

/** How the engines differ, as data, so that nobody asks which engine it is. */
export interface RelationalCapabilities {
  /** `one`: no other process can change a row, so what this process cached is true until it changes it itself. */
  readonly processes: 'one' | 'many';
  readonly connectionsMax: number;
  /** Whether the engine itself ends a statement that runs too long. PGlite has no timers: its statements run to the end. */
  readonly statementTimeout: boolean;
  /** What an acknowledged write survives. PGlite never calls fsync: its folder survives `kill -9`, not a power cut. */
  readonly durability: 'process-crash' | 'power-loss' | 'none';
}

export const ENGINES = {
  pglite: { processes: 'one', connectionsMax: 1, statementTimeout: false, durability: 'process-crash' },
  pgliteMemory: { processes: 'one', connectionsMax: 1, statementTimeout: false, durability: 'none' },
  postgres: { processes: 'many', connectionsMax: 10, statementTimeout: true, durability: 'power-loss' },
} as const satisfies Record<string, RelationalCapabilities>;
