import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sql, type Transaction } from 'kysely';
import { AppError } from '../../lib/errors.ts';
import type { Relational } from './relational.ts';
import type { Schema } from './schema.ts';

const FOLDER = new URL('../sql/relational/', import.meta.url);
const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** Ours among the database's advisory locks: "tally" in ASCII. */
const LOCK_ID = 0x74616c6c79;
const SERVER_VERSION_MIN = 150_000;

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/**
 * Brings the database to this program's version, and returns the versions it applied.
 *
 * Each migration is one transaction that starts by taking an advisory lock and looking again: of two replicas that start
 * at once one migrates, the other waits and finds nothing to do. A failure leaves the last whole version. Throws
 * `invalid_config` when the database is newer than the program, or the server older than PostgreSQL 15.
 */
export async function migrate(relational: Relational, known?: readonly Migration[]): Promise<number[]> {
  const migrations = known ?? (await readMigrations());
  const applied: number[] = [];
  for (;;) {
    const version = await relational.transaction((transaction) => applyNext(transaction, migrations));
    if (version === undefined) return applied;
    applied.push(version);
  }
}

/** The numbered files of this program, in order. Numbers start at 1 and have no gaps. */
export async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => FILE_NAME.test(name)).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(FILE_NAME.exec(name)?.[1]);
      if (version !== index + 1) throw new Error(`migration ${name} should have the number ${index + 1}`);
      const text = await readFile(fileURLToPath(new URL(name, FOLDER)), 'utf8');
      return { version, name, statements: splitStatements(text) };
    }),
  );
}

async function applyNext(db: Transaction<Schema>, migrations: readonly Migration[]): Promise<number | undefined> {
  await sql`select pg_advisory_xact_lock(${LOCK_ID}::bigint)`.execute(db);
  await refuseOldServer(db);
  await sql`create table if not exists schema_migrations
    (version integer primary key, name text not null, applied_at timestamptz not null default now())`.execute(db);
  const { at } = await db
    .selectFrom('schema_migrations')
    .select(({ fn }) => fn.coalesce(fn.max('version'), sql<number>`0`).as('at'))
    .executeTakeFirstOrThrow();
  if (at > migrations.length) {
    throw new AppError(
      'invalid_config',
      `the database is at version ${at}, this program knows versions up to ${migrations.length}: run the newer program`,
    );
  }
  const next = migrations[at];
  if (!next) return undefined;
  await db.insertInto('schema_migrations').values({ version: next.version, name: next.name }).execute();
  for (const statement of next.statements) await sql.raw(statement).execute(db);
  return next.version;
}

async function refuseOldServer(db: Transaction<Schema>): Promise<void> {
  const { rows } = await sql<{ version: string }>`select current_setting('server_version_num') as version`.execute(db);
  const version = Number(rows[0]?.version);
  if (version < SERVER_VERSION_MIN) {
    throw new AppError(
      'invalid_config',
      `cannot use PostgreSQL ${Math.floor(version / 10_000)}; at least 15 is needed`,
    );
  }
}

function splitStatements(text: string): string[] {
  return text
    .split(/;[ \t]*$/m)
    .filter((part) => part.replace(/^\s*--.*$/gm, '').trim() !== '')
    .map((part) => part.trim());
}
