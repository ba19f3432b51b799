import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EngineException } from './exception.ts';
import { readStatement } from './statement.ts';

const read = (sql: string) => readStatement(Buffer.from(sql));

test('an insert is cut into its statement and its data', () => {
  const f = (sql: string, format: string, before: string, data: string) => {
    const statement = read(sql);
    if (statement.kind !== 'insert') throw new Error(`${sql} is ${statement.kind}`);
    const bytes = Buffer.from(sql);
    const text = (from: number, to?: number) => bytes.subarray(from, to).toString();
    expect([statement.format, text(0, statement.infileAt), text(statement.dataAt)], sql).toEqual([
      format,
      before,
      data,
    ]);
  };
  f('INSERT INTO t FORMAT CSV\n1,2\n', 'CSV', 'INSERT INTO t ', '1,2\n');
  f('insert into t format TSV  \r\n\n1', 'TSV', 'insert into t ', '\n1');
  f('INSERT INTO t FORMAT JSONEachRow {"a":1}', 'JSONEachRow', 'INSERT INTO t ', '{"a":1}');
  f('INSERT INTO t (a, `b)`, c) VALUES (1)', 'Values', 'INSERT INTO t (a, `b)`, c) ', ' (1)');
  f('INSERT INTO d.format SETTINGS x = 1 FORMAT TSV\n', 'TSV', 'INSERT INTO d.format ', '');
  f('INSERT INTO values VALUES (1)', 'Values', 'INSERT INTO values ', ' (1)');
  f(`INSERT INTO FUNCTION null('a String') FORMAT TSV\nx`, 'TSV', `INSERT INTO FUNCTION null('a String') `, 'x');
  f('INSERT INTO žluť FORMAT TSV\nž', 'TSV', 'INSERT INTO žluť ', 'ž');
});

test('an insert may select from its data', () => {
  const f = (sql: string, input: string, before: string, data: string) => {
    const statement = read(sql);
    if (statement.kind !== 'insert' || !statement.input) throw new Error(`${sql} selects from no data`);
    const { input: call, clauseAt, dataAt } = statement;
    const text = (from: number, to?: number) => Buffer.from(sql).subarray(from, to).toString();
    expect([text(call.at, call.endAt), call.structure, text(call.endAt, clauseAt).trim(), text(dataAt)], sql).toEqual([
      `input(${input})`,
      input,
      before,
      data,
    ]);
  };
  f(`INSERT INTO t SELECT a + 1 FROM input('a Int64') FORMAT Native\nx`, `'a Int64'`, '', 'x');
  f(
    `INSERT INTO t (b) SELECT format FROM input('a Int64') WHERE a > 1 FORMAT TSV\n;;`,
    `'a Int64'`,
    'WHERE a > 1',
    ';;',
  );
  f(`INSERT INTO t SELECT x FROM (SELECT 1 AS x FROM input('a Int64')) FORMAT CSV\n`, `'a Int64'`, ')', '');
});

test('an insert that brings no data is a write', () => {
  for (const sql of [
    'INSERT INTO t SELECT 1',
    'INSERT INTO t (a) WITH 1 AS x SELECT x FORMAT TSV',
    `INSERT INTO t SELECT input FROM input FORMAT TSV`,
    `INSERT INTO t SELECT input('a Int64') FROM x FORMAT TSV`,
    `INSERT INTO t SELECT 1 FROM input('a Int64')`,
    'INSERT INTO t',
    'INSERT',
    `INSERT INTO t FROM INFILE 'x' FORMAT CSV`,
  ]) {
    expect(read(sql).kind, sql).toBe('write');
  }
});

test('rows know their format, and where their statement ends', () => {
  const f = (sql: string, format: string | undefined, before: string, after: string) => {
    const statement = read(sql);
    if (statement.kind !== 'rows') throw new Error(`${sql} is ${statement.kind}`);
    const { outfileAt, endAt } = statement;
    expect([statement.format, sql.slice(0, outfileAt), sql.slice(outfileAt, endAt)], sql).toEqual([
      format,
      before,
      after,
    ]);
  };
  f('SELECT 1', undefined, 'SELECT 1', '');
  f('SELECT 1 ; -- end', undefined, 'SELECT 1', '');
  f('SELECT 1 FORMAT JSON;', 'JSON', 'SELECT 1 ', 'FORMAT JSON');
  f('SELECT 1 FORMAT JSON SETTINGS a = 1, b = 2 -- x', 'JSON', 'SELECT 1 ', 'FORMAT JSON SETTINGS a = 1, b = 2');
  f('SELECT 1 SETTINGS a = 1 FORMAT JSON', 'JSON', 'SELECT 1 SETTINGS a = 1 ', 'FORMAT JSON');
  f('SELECT format FROM t', undefined, 'SELECT format FROM t', '');
  f('SELECT (1 FORMAT x)', undefined, 'SELECT (1 FORMAT x)', '');
  f(`SELECT ' FORMAT CSV'`, undefined, `SELECT ' FORMAT CSV'`, '');
  f('SELECT $a$ FORMAT CSV; $a$', undefined, 'SELECT $a$ FORMAT CSV; $a$', '');
  f('/* SELECT */ WITH 1 AS x SELECT x', undefined, '/* SELECT */ WITH 1 AS x SELECT x', '');
});

test('whatever the text, it is read in time and refused only as a second statement', () => {
  const piece = fc.constantFrom(
    'SELECT',
    'INSERT',
    'FORMAT',
    "'",
    '"',
    '`',
    '/*',
    '*/',
    '--',
    '\n',
    '$$',
    '\\',
    '(',
    ')',
    ';',
    'x',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 40 }).map((all) => all.join(' ')),
  );
  fc.assert(
    fc.property(text, (sql) => {
      try {
        read(sql);
      } catch (error) {
        expect(error).toBeInstanceOf(EngineException);
        expect(sql).toContain(';');
      }
    }),
  );
  const startedAt = performance.now();
  const hostile = ['(', "'", '/*', '--', '$$', '\\', ' ', 'x ', "''", '*/*'];
  for (const part of hostile) read(`SELECT ${part.repeat(300_000)}`);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
