import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askEngine } from '../../test/support/ask-engine.ts';
import { createLogger } from '../lib/log.ts';
import { type Engine, startEngine } from './engine.ts';

const SECRET = 'what no dashboard may see';
let dataDir: string;
let engine: Engine;
const ask = (query: string, args: Record<string, string> = {}) =>
  askEngine({ url: engine.url, user: 'dashboard', password: 'a password' }, { query, args });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kubetally-read-'));
  await writeFile(join(dataDir, 'secret.csv'), `${SECRET}\n`);
  engine = await startEngine({ dataDir, dashboardPassword: 'a password', log: createLogger({ level: 'silent' }) });
  await askEngine(engine, { query: 'CREATE TABLE costs (n Int64, file String) ENGINE = MergeTree ORDER BY n' });
  await askEngine(engine, { query: `INSERT INTO costs VALUES (1, 'a'), (2, 'b')` });
});
afterAll(async () => {
  await engine.close();
  await rm(dataDir, { recursive: true, force: true });
});

test('the read-only user reads, in every way a dashboard does', async () => {
  const f = async (query: string, want: string, args = {}) => expect((await ask(query, args)).text, query).toBe(want);
  await f('SELECT sum(n) FROM costs', '3\n');
  await f('SELECT n FROM costs ORDER BY n FORMAT JSONEachRow', '{"n":1}\n{"n":2}\n');
  await f('WITH 2 AS two SELECT two * count() FROM costs -- a comment', '4\n');
  await f('SELECT {n:Int64} + n FROM costs ORDER BY n LIMIT 1', '8\n', { param_n: '7', max_threads: '1' });
  await f(`SELECT file FROM costs WHERE file IN ('a') AND file != 'INTO OUTFILE'`, 'a\n');
  await f('SHOW TABLES', 'costs\n');
  await f('EXISTS TABLE costs', '1\n');
  expect((await ask('DESCRIBE TABLE costs')).text).toContain('Int64');
  expect((await ask('EXPLAIN SELECT n FROM costs')).text).toContain('MergeTree');
});

const path = () => join(dataDir, 'secret.csv');
test.each<[string, () => string]>([
  ['insert', () => 'INSERT INTO costs VALUES (3)'],
  ['insert from itself', () => 'INSERT INTO costs SELECT * FROM costs'],
  ['create a table', () => 'CREATE TABLE mine (n Int8) ENGINE = Memory'],
  ['create a temporary table', () => 'CREATE TEMPORARY TABLE mine (n Int8)'],
  ['create a function', () => 'CREATE FUNCTION mine AS (x) -> x'],
  ['drop', () => 'DROP TABLE costs'],
  ['alter', () => 'ALTER TABLE costs DELETE WHERE 1'],
  ['truncate', () => 'TRUNCATE TABLE costs'],
  ['change the session', () => 'SET readonly = 0'],
  ['change the session in passing', () => 'SELECT 1 SETTINGS readonly = 0'],
  ['kill', () => 'KILL QUERY WHERE 1'],
  ['command the server', () => 'SYSTEM SHUTDOWN'],
  ['two statements', () => 'SELECT 1; SET readonly = 0'],
  ['read a file', () => `SELECT * FROM file('${path()}', 'LineAsString')`],
  ['read a file as a scalar', () => `SELECT file('${path()}')`],
  ['read a file, spelt otherwise', () => `SELECT \`\\x66ile\`('${path()}')`],
  ['read a file, quoted', () => `SELECT "file" /* */ ('${path()}')`],
  ['read a file in a subquery', () => `WITH (SELECT file('${path()}')) AS s SELECT s`],
  ['read a file by name', () => `SELECT * FROM \`${path()}\``],
  ['read a file by text', () => `SELECT * FROM '${path()}'`],
  ['look at the shape of a file', () => `DESCRIBE file('${path()}', 'CSVWithNames')`],
  ['look at the shape of an address', () => `DESC url('http://127.0.0.1:1/', 'CSVWithNames')`],
  ['list a folder', () => `SELECT * FROM filesystem('${dataDir}')`],
  ['evaluate a text', () => `SELECT * FROM eval('SELECT 1') SETTINGS allow_experimental_eval_table_function = 1`],
  ['write a file', () => `SELECT 1 INTO OUTFILE '${dataDir}/out.csv'`],
  ['write a file by insert', () => `INSERT INTO FUNCTION file('${dataDir}/out.csv', 'CSV') SELECT 1`],
  ['reach the network', () => `SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')`],
  ['reach a bucket', () => `SELECT * FROM s3('http://127.0.0.1:1/bucket/key', 'CSV', 'x String')`],
  ['reach a server', () => `SELECT * FROM remote('127.0.0.1:1', system.one)`],
  ['reach a database', () => `SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')`],
  ['run a program', () => `SELECT * FROM executable('ls', 'TSV', 'x String')`],
])('the read-only user cannot %s', async (_, query) => {
  const answer = await ask(query(), { allow_experimental_eval_table_function: '1', readonly: '0' });
  expect(answer.text).not.toContain(SECRET);
  expect([400, 403]).toContain(answer.status);
  expect(['62', '164', '497']).toContain(answer.headers.get('x-clickhouse-exception-code'));
  expect((await askEngine(engine, { query: 'SELECT count() FROM costs' })).text).toBe('2\n');
});

test('without its password in the configuration the user does not exist', async () => {
  const closed = await mkdtemp(join(tmpdir(), 'kubetally-read-'));
  const other = await startEngine({ dataDir: closed, log: createLogger({ level: 'silent' }) });
  for (const password of ['', 'undefined', 'a password']) {
    expect((await askEngine({ url: other.url, user: 'dashboard', password }, { query: 'SELECT 1' })).status).toBe(403);
  }
  await other.close();
  await rm(closed, { recursive: true, force: true });
});
