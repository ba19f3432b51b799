import { expect, test } from 'vitest';
import { emptyDatabase } from '../../../test/support/engine.ts';
import { migrateColumnar, readMigrations, splitStatements } from './migrate.ts';

test('statements end with a semicolon at the end of a line, and only there', () => {
  const f = (text: string, want: string[]) => expect(splitStatements(text), text).toEqual(want);
  f('', []);
  f('-- only a comment;\n', []);
  f('SELECT 1', ['SELECT 1']);
  f('SELECT 1;\nSELECT 2;\n', ['SELECT 1', 'SELECT 2']);
  f('SELECT 1; \t\n-- then\n\nSELECT 2', ['SELECT 1', 'SELECT 2']);
  f("SELECT ';' AS a, 2", ["SELECT ';' AS a, 2"]);
  f('CREATE (\n  -- of a\n  a\n);', ['CREATE (\n  a\n)']);
});

test('every statement of every migration can be repeated, because two replicas may run it at once', () => {
  const migrations = readMigrations();
  expect(migrations.length).toBeGreaterThan(0);
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  for (const { name, statements } of migrations) {
    expect(statements.length, name).toBeGreaterThan(0);
    for (const sql of statements) expect(sql, name).toMatch(/\bIF (NOT )?EXISTS\b/);
  }
});

test('a migration that was interrupted is run again; one that was recorded is not', async () => {
  const { columnar, close } = await emptyDatabase();
  const [first] = readMigrations();
  await columnar.command({ sql: first?.statements[0] ?? '' });
  const all = readMigrations().map(({ version }) => version);
  expect(await migrateColumnar(columnar)).toEqual(all);
  expect(await migrateColumnar(columnar)).toEqual([]);
  await close();
});

test('a database of a newer program is refused, with both versions named', async () => {
  const { columnar, close } = await emptyDatabase();
  await migrateColumnar(columnar);
  await columnar.command({ sql: `INSERT INTO schema_migrations (version, name) SELECT 9000, 'from_the_future'` });
  await expect(migrateColumnar(columnar)).rejects.toMatchObject({ code: 'invalid_config', message: /9000.*knows \d+/ });
  await close();
});
