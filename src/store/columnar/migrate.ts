import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../lib/errors.ts';
import type { Columnar } from './columnar.ts';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}

const FOLDER = new URL('../sql/columnar/', import.meta.url);
const FILE = /^(\d{4})_([a-z0-9_]+)\.sql$/;
const MIGRATION_MS = 300_000;

const RECORDS = `CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    UInt32,
    name       String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY version`;
const APPLIED = 'SELECT version FROM schema_migrations GROUP BY version ORDER BY version';
const RECORD = 'INSERT INTO schema_migrations (version, name) SELECT {version:UInt32}, {name:String}';

const AppliedRow = z.object({ version: z.number() });

/**
 * Brings the database to this program's schema; returns the versions it applied.
 *
 * ClickHouse has neither transactions for tables nor locks, so two replicas that start together may run the same file
 * together. That is safe because every statement can be repeated (`IF NOT EXISTS`, which a test holds the files to), and
 * a file that was interrupted is run again from its start. Throws `invalid_config` on a database of a newer program.
 */
export async function migrateColumnar(columnar: Columnar, signal?: AbortSignal): Promise<number[]> {
  const migrations = readMigrations();
  await columnar.command({ sql: RECORDS, timeoutMs: MIGRATION_MS }, signal);
  const rows = await columnar.rows({ sql: APPLIED, row: AppliedRow }, signal);
  const applied = new Set(rows.map(({ version }) => version));
  const newest = migrations.at(-1)?.version ?? 0;
  const unknown = [...applied].filter((version) => version > newest);
  if (unknown.length > 0) {
    const words = `the columnar database has migration ${Math.max(...unknown)}; this program knows ${newest} at most`;
    throw new AppError('invalid_config', words);
  }
  const due = migrations.filter(({ version }) => !applied.has(version));
  for (const { version, name, statements } of due) {
    for (const sql of statements) await columnar.command({ sql, timeoutMs: MIGRATION_MS }, signal);
    await columnar.command({ sql: RECORD, params: { version, name } }, signal);
  }
  return due.map(({ version }) => version);
}

/** The migration files in order. A missing folder or an odd name is a broken installation. */
export function readMigrations(): Migration[] {
  const migrations = readdirSync(FOLDER)
    .toSorted()
    .map((file) => {
      const [, version, name] = FILE.exec(file) ?? [];
      if (version === undefined || name === undefined) throw new Error(`${file} is not named like a migration`);
      return {
        version: Number(version),
        name,
        statements: splitStatements(readFileSync(new URL(file, FOLDER), 'utf8')),
      };
    });
  if (migrations.length === 0) throw new Error(`no migrations in ${FOLDER.pathname}`);
  return migrations;
}

/** A statement ends with `;` at the end of a line; lines that are only comments belong to none. */
export function splitStatements(text: string): string[] {
  return text
    .split(/;[ \t]*$/m)
    .map((part) => part.replace(/^[ \t]*--.*\n?/gm, '').trim())
    .filter((part) => part !== '');
}
