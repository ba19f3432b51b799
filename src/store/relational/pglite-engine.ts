import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { type Dialect, PGliteDriver, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { AppError } from '../../lib/errors.ts';
import { lockFolder } from './folder-lock.ts';
import { GuardedDriver } from './guarded-driver.ts';
import { openRelational } from './open.ts';
import { ENGINES, type Relational } from './relational.ts';
import { createTurnstile } from './turnstile.ts';

export interface PgliteOptions {
  /** The folder that holds the database (made when missing), or `memory`. One process at a time may have it open. */
  readonly folder: string;
  /** How long a statement waits for its turn on the only connection. */
  readonly waitMs?: number;
  /** A database to start from (`dumpDataDir`), for tests: many times faster than an empty start. */
  readonly image?: Blob;
}

const WAIT_MS = 10_000;
const OID_INT8 = 20;

/**
 * PGlite reserves a server's worth of memory by default (160 MB of buffers for tables of a few hundred rows): with these
 * an open database costs about 100 MB less. `-F` (never fsync) goes too; see `ENGINES` for what that is worth.
 */
const START_PARAMETERS = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['shared_buffers=8MB', 'wal_buffers=1MB', 'max_connections=5', 'max_wal_size=64MB'].flatMap((it) => ['-c', it]),
];

/**
 * PostgreSQL inside this process. The first start on an empty folder takes some seconds and about 0.6 GB for a moment; a
 * later one a third of a second. Throws `conflict` when another living process has the folder open.
 */
export async function openPglite(options: PgliteOptions): Promise<Relational> {
  const inMemory = options.folder === 'memory';
  const release = inMemory ? async () => {} : await claim(options.folder);
  try {
    const pglite = await PGlite.create({
      ...(inMemory ? {} : { dataDir: join(options.folder, 'pgdata') }),
      ...(options.image ? { loadDataDir: options.image } : {}),
      startParams: START_PARAMETERS,
      parsers: { [OID_INT8]: (text: string) => BigInt(text) },
    });
    const relational = openRelational(dialect(pglite, options), inMemory ? ENGINES.pgliteMemory : ENGINES.pglite);
    await relational.ping(); // starts the driver, without which `close` would leave the database open
    return {
      ...relational,
      async close() {
        await relational.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    if (error instanceof AppError) throw error;
    throw new AppError('store_unavailable', `cannot open the relational store in ${options.folder}`, { cause: error });
  }
}

async function claim(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  return lockFolder(folder);
}

function dialect(pglite: PGlite, options: PgliteOptions): Dialect {
  return {
    createDriver: () => new GuardedDriver(new PGliteDriver({ pglite }), createTurnstile(options.waitMs ?? WAIT_MS)),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    // Not `PGliteAdapter`, which makes Kysely queue callers for the only connection without any bound; the turnstile does it.
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}
