import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Asked, askEngine } from '../../test/support/ask-engine.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { createLogger } from '../lib/log.ts';
import { type Engine, startEngine } from './engine.ts';

let dataDir: string;
let engine: Engine;
const ask = (asked: Asked) => askEngine(engine, asked);

beforeAll(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'kubetally-http-'));
  dataDir = join(parent, `it's {a,b} *?`); // no character of the folder's name may mean anything
  const limits = { insertBytesMax: 12_000_000, concurrencyMax: 2, waitingMax: 4, waitMs: 500, queryTimeoutMs: 20_000 };
  engine = await startEngine({ dataDir, limits, log: createLogger({ level: 'silent' }) });
});
afterAll(async () => {
  await engine.close();
  await rm(join(dataDir, '..'), { recursive: true, force: true });
});

describe('statements', () => {
  test('come in the query, in the body, or in both, with a line end between', async () => {
    const f = async (asked: Asked, want: string) => expect((await ask(asked)).text, JSON.stringify(asked)).toBe(want);
    await f({ query: 'SELECT 1' }, '1\n');
    await f({ query: 'SELECT 1', method: 'GET' }, '1\n');
    await f({ body: 'SELECT 2' }, '2\n');
    await f({ query: 'SELECT', body: '3;' }, '3\n');
    await f({ query: 'SELECT 4 -- so far', body: '+ 1' }, '5\n');
    await f({ query: 'SELECT 6 -- a comment ends it' }, '6\n');
    await f({ query: 'SELECT 7; /* and */ -- this' }, '7\n');
    await f({ query: '(SELECT 8) UNION ALL (SELECT 8)' }, '8\n8\n');
    await f({ query: 'WITH 9 AS format SELECT format' }, '9\n');
  });

  test('are one a request', async () => {
    const { status, text } = await ask({ query: 'SELECT 1; DROP TABLE t' });
    expect([status, text]).toEqual([400, expect.stringContaining('Multi-statements')]);
  });

  test('take parameters that stay values', async () => {
    const text = `it's \\\\ "quoted" {x:String}`;
    const answer = await ask({
      query: 'SELECT {t:String} AS t, {n:UInt8} + 1 AS n FORMAT JSONEachRow',
      args: { param_t: text, param_n: '6' },
    });
    expect(JSON.parse(answer.text)).toEqual({ t: text.replaceAll('\\\\', '\\'), n: 7 });
  });

  test('run in the database that is asked for', async () => {
    await ask({ query: 'CREATE DATABASE IF NOT EXISTS `odd ``name`' });
    expect((await ask({ query: 'SELECT currentDatabase()', args: { database: 'odd `name' } })).text).toBe(
      'odd `name\n',
    );
    expect((await ask({ query: 'SELECT currentDatabase()' })).text).toBe('default\n');
    expect((await ask({ query: 'SELECT 1', args: { database: 'nowhere' } })).status).toBe(404);
  });
});

describe('settings', () => {
  test('are arguments, hold for one statement, and are not known to the next', async () => {
    const query = `SELECT getSetting('max_threads')`;
    const usual = (await ask({ query })).text;
    expect((await ask({ query, args: { max_threads: '7' } })).text).toBe('7\n');
    expect((await ask({ query })).text).toBe(usual);
  });

  test.skipIf(availableParallelism() < 2)('a question runs on every core, however little memory is free', async () => {
    const query = 'SELECT * FROM (EXPLAIN PIPELINE SELECT sum(number) FROM numbers_mt(100000000))';
    expect((await ask({ query })).text).toMatch(/AggregatingTransform × [2-9]/);
  });

  test('that do not exist, or could never be one, are refused', async () => {
    expect(
      (await ask({ query: 'SELECT 1', args: { no_such_setting: '1' } })).headers.get('x-clickhouse-exception-code'),
    ).toBe('115');
    expect((await ask({ query: 'SELECT 1', args: { 'max_threads = 1, readonly': '1' } })).status).toBe(400);
    expect(
      (await ask({ query: 'SELECT 1', args: { max_threads: "1', readonly = '1" } })).status,
    ).toBeGreaterThanOrEqual(400);
  });

  test('cannot lift the limits of the engine, only lower them', async () => {
    const query = `SELECT getSetting('max_execution_time') AS seconds FORMAT JSONEachRow`;
    const f = async (asked: string, want: number) =>
      expect(JSON.parse((await ask({ query, args: { max_execution_time: asked } })).text)).toEqual({ seconds: want });
    await f('3', 3);
    await f('0', 20);
    await f('-1', 20);
    await f('1000000', 20);
  });

  test('that would change what the bytes mean are refused, not ignored', async () => {
    for (const args of [{ compress: '1' }, { decompress: '1' }, { session_id: 'mine' }]) {
      expect((await ask({ query: 'SELECT 1', args })).status, JSON.stringify(args)).toBe(501);
    }
    expect((await ask({ query: 'SELECT 1', args: { compress: '0' } })).status).toBe(200);
  });
});

describe('results', () => {
  test('have the format of the statement, else of the request, else TabSeparated', async () => {
    const f = async (asked: Asked, format: string) =>
      expect((await ask(asked)).headers.get('x-clickhouse-format'), JSON.stringify(asked)).toBe(format);
    await f({ query: 'SELECT 1' }, 'TabSeparated');
    await f({ query: 'SELECT 1', args: { default_format: 'CSV' } }, 'CSV');
    await f({ query: 'SELECT 1', headers: { 'X-ClickHouse-Format': 'JSON' } }, 'JSON');
    await f({ query: 'SELECT 1 FORMAT JSONCompact', args: { default_format: 'CSV' } }, 'JSONCompact');
    await f({ query: 'SELECT 1 FORMAT JSONCompact SETTINGS max_threads = 1' }, 'JSONCompact');
    await f({ query: 'SELECT format FROM (SELECT 1 AS format)' }, 'TabSeparated');
    await f({ query: 'SHOW DATABASES FORMAT JSONEachRow' }, 'JSONEachRow');
  });

  test.each([
    'CSVWithNames',
    'TSVWithNamesAndTypes',
    'JSONCompact',
    'JSON',
    'Native',
    'RowBinaryWithNamesAndTypes',
    'Parquet',
    'ArrowStream',
  ])('of many rows are one whole document in %s', async (format) => {
    const answer = await ask({
      query: `SELECT number AS n, toString(number) AS s FROM numbers(200000) FORMAT ${format}`,
    });
    expect(answer.status).toBe(200);
    await ask({ query: 'CREATE TABLE IF NOT EXISTS whole (n UInt64, s String) ENGINE = Memory' });
    await ask({ query: 'TRUNCATE TABLE whole' });
    const back = await ask({ query: `INSERT INTO whole FORMAT ${format}`, body: new Uint8Array(answer.bytes) });
    expect([back.status, back.summary['written_rows']]).toEqual([200, '200000']);
    expect((await ask({ query: 'SELECT count(), sum(n), sum(toUInt64(s)) FROM whole' })).text).toBe(
      '200000\t19999900000\t19999900000\n',
    );
  });

  test('say how large they are, and of which query', async () => {
    const answer = await ask({ query: 'SELECT sum(number) FROM numbers(1000)', args: { query_id: 'my-query-1' } });
    expect(answer.summary).toMatchObject({ result_rows: '1', result_bytes: '7' });
    expect(answer.headers.get('x-clickhouse-query-id')).toBe('my-query-1');
    const odd = await ask({ query: 'SELECT 1', args: { query_id: 'evil\r\nX-Header: 1' } });
    expect(odd.headers.get('x-clickhouse-query-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('are compressed where the client asks', async () => {
    for (const rows of [10, 200_000]) {
      const query = `SELECT number FROM numbers(${rows})`;
      const plain = await ask({ query });
      const packed = await ask({
        query,
        args: { enable_http_compression: '1' },
        headers: { 'Accept-Encoding': 'gzip' },
      });
      expect(packed.headers.get('content-encoding')).toBe('gzip'); // fetch has undone it
      expect(packed.bytes.equals(plain.bytes)).toBe(true);
    }
  });

  test('leave nothing behind in the spool, whether they succeed, fail or are abandoned', async () => {
    await ask({ query: 'SELECT throwIf(number = 190000) FROM numbers(200000)' });
    await fetch(
      `${engine.url}/?query=SELECT+*+FROM+numbers(5000000)&user=${engine.user}&password=${engine.password}`,
    ).then((reply) => reply.body?.cancel());
    await waitFor(async () => (await readdir(join(dataDir, 'spool'))).length === 0, { what: 'an empty spool' });
  });
});

describe('inserts', () => {
  const table = async () => {
    await ask({
      query: "CREATE OR REPLACE TABLE fresh (n Int64, s String DEFAULT 'none') ENGINE = MergeTree ORDER BY n",
    });
    return async () =>
      (await ask({ query: 'SELECT n, s FROM fresh ORDER BY n FORMAT CSV' })).text
        .replaceAll('"', '')
        .trim()
        .split('\n');
  };

  test.each<[string, Asked, string[]]>([
    ['VALUES in the query', { query: `INSERT INTO fresh VALUES (1, 'a'), (2, concat('b', 'c'))` }, ['1,a', '2,bc']],
    ['VALUES in the body', { query: 'INSERT INTO fresh VALUES', body: `(1, 'a'), (2, 'b')` }, ['1,a', '2,b']],
    ['statement and data in the body', { body: 'INSERT INTO fresh FORMAT TSV\n1\ta\n2\tb\n' }, ['1,a', '2,b']],
    [
      'named columns, the others by default',
      { query: 'INSERT INTO fresh (n) FORMAT CSV', body: '1\n2\n' },
      ['1,none', '2,none'],
    ],
    [
      'JSON, a field missing',
      { query: 'INSERT INTO fresh FORMAT JSONEachRow', body: '{"n":1}\n{"n":2,"s":"b"}' },
      ['1,none', '2,b'],
    ],
    [
      'settings in the statement',
      { query: 'INSERT INTO fresh SETTINGS input_format_tsv_crlf_end_of_line = 1 FORMAT TSV', body: '1\ta\r\n' },
      ['1,a'],
    ],
    [
      'a table and columns named like keywords',
      { query: 'INSERT INTO TABLE fresh(s, n) FORMAT TSV', body: 'format\t1\n' },
      ['1,format'],
    ],
    [
      'a comment in the statement',
      { query: 'INSERT /* FORMAT JSON */ INTO fresh -- VALUES\n FORMAT TSV', body: '1\ta\n' },
      ['1,a'],
    ],
  ])('take %s', async (_, asked, want) => {
    const rows = await table();
    const answer = await ask(asked);
    expect([answer.status, answer.text, answer.summary['written_rows']]).toEqual([200, '', String(want.length)]);
    expect(await rows()).toEqual(want);
  });

  test('take compressed data, and refuse what does not decompress', async () => {
    const rows = await table();
    const query = 'INSERT INTO fresh FORMAT TSV';
    const packed = new Uint8Array(gzipSync('1\ta\n'));
    expect((await ask({ query, body: packed, headers: { 'Content-Encoding': 'gzip' } })).status).toBe(200);
    expect((await ask({ query, body: 'not gzip', headers: { 'Content-Encoding': 'gzip' } })).status).toBe(400);
    expect((await ask({ query, body: packed.subarray(0, -6), headers: { 'Content-Encoding': 'gzip' } })).status).toBe(
      400,
    );
    expect((await ask({ query, body: packed, headers: { 'Content-Encoding': 'lzma' } })).status).toBe(501);
    expect(await rows()).toEqual(['1,a']);
    expect(gunzipSync(packed).toString()).toBe('1\ta\n');
  });

  test('keep nothing of data that is malformed or too much', async () => {
    const rows = await table();
    const bad = await ask({ query: 'INSERT INTO fresh FORMAT TSV', body: '1\ta\nnot a number\tb\n' });
    expect([bad.status, bad.headers.get('x-clickhouse-exception-code')]).toEqual([400, '27']);
    const large = await ask({ query: 'INSERT INTO fresh FORMAT TSV', body: '1\ta\n'.repeat(3_500_000) });
    expect([large.status, large.text]).toEqual([413, expect.stringContaining('12000000 bytes')]);
    const bomb = new Uint8Array(gzipSync('1\ta\n'.repeat(5_000_000)));
    expect(
      (await ask({ query: 'INSERT INTO fresh FORMAT TSV', body: bomb, headers: { 'Content-Encoding': 'gzip' } }))
        .status,
    ).toBe(413);
    expect(await rows()).toEqual(['']);
  });
});

describe('failures', () => {
  test.each([
    ['SELEC 1', 400, 62],
    ['', 400, 62],
    ['SELECT * FROM nowhere', 404, 60],
    ['SELECT nothing', 404, 47],
    ['SELECT no_function(1)', 404, 46],
    ['SELECT 1 FORMAT NoFormat', 404, 73],
    ['SELECT {missing:String}', 400, 456],
    [`SELECT toInt64('x')`, 400, 6],
    ['SELECT throwIf(number = 190000) FROM numbers(200000)', 500, 395],
    [`SELECT 'unclosed`, 400, 62],
  ])('%j is status %i, code %i, worded as ClickHouse words it', async (query, status, code) => {
    const answer = await ask({ query });
    expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([status, String(code)]);
    expect(answer.text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: .*\\([A-Z_]+\\)\n$`, 's'));
  });

  test('a statement over its length is refused, unless it is data', async () => {
    const answer = await ask({ body: `SELECT '${'x'.repeat(1_200_000)}'` });
    expect(answer.status).toBe(413);
  });
});

describe('places', () => {
  const slow = () => ask({ query: 'SELECT sleepEachRow(0.1) FROM numbers(12)', args: { max_block_size: '1' } });

  test('are few, the queue is bounded, and what finds no place is told to come again', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, slow));
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
    expect(refused.length).toBeGreaterThanOrEqual(6);
    expect(refused[0]?.text).toContain('Code: 202.');
  });

  test('that are all taken stop neither a ping nor an insert', async () => {
    const busy = [slow(), slow()];
    const startedAt = performance.now();
    expect(await (await fetch(`${engine.url}/ping`)).text()).toBe('Ok.\n');
    await ask({ query: 'CREATE TABLE IF NOT EXISTS beside (n Int8) ENGINE = Memory' }).catch(() => undefined);
    expect((await ask({ query: "INSERT INTO FUNCTION null('n Int8') FORMAT TSV", body: '1\n' })).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await Promise.all(busy);
  });

  test('are not held by a scalar subquery on the event loop', async () => {
    const busy = ask({ query: 'SELECT (SELECT sleep(1)) AS s' });
    const startedAt = performance.now();
    expect((await fetch(`${engine.url}/ping`)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect((await busy).status).toBe(200);
  });
});

describe('who asks', () => {
  const request = (path: string, headers: Record<string, string> = {}) => fetch(`${engine.url}/${path}`, { headers });

  test('is proved by headers, by Basic, or by arguments', async () => {
    const { user, password } = engine;
    const basic = Buffer.from(`${user}:${password}`).toString('base64');
    const query = '?query=SELECT+1';
    expect((await request(query, { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password })).status).toBe(200);
    expect((await request(query, { Authorization: `Basic ${basic}` })).status).toBe(200);
    expect((await request(`${query}&user=${user}&password=${password}`)).status).toBe(200);
  });

  test('is refused without a password, or with a wrong one', async () => {
    const none = await request('?query=SELECT+1');
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Basic')]);
    for (const user of [engine.user, 'default', 'dashboard', '']) {
      const reply = await request('?query=SELECT+1', { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': 'wrong' });
      expect([reply.status, await reply.text()], user).toEqual([403, expect.stringContaining('Code: 516.')]);
    }
  });

  test('does not matter to probes', async () => {
    for (const path of ['ping', 'replicas_status', '']) expect(await (await request(path)).text(), path).toBe('Ok.\n');
    expect((await request('nowhere')).status).toBe(404);
  });
});

describe('whatever comes', () => {
  test('no text makes the engine fail or end', { timeout: 120_000 }, async () => {
    const { pid } = engine;
    const word = fc.constantFrom(
      'SELECT',
      'INSERT INTO',
      'FORMAT',
      'VALUES',
      'SETTINGS',
      "'",
      '"',
      '`',
      '(',
      ')',
      ';',
      '--',
      '/*',
      '$$',
      '{a:',
      '}',
      '1',
      ',',
      't',
      '\\',
      '\0',
      '\n',
      'JSON',
      'INTO OUTFILE',
      'FROM',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.string({ unit: 'binary', maxLength: 50 }), async (query, body) => {
        const { status } = await ask({ query, body, args: { max_execution_time: '2' } });
        expect(status, query).not.toBe(500);
      }),
      { numRuns: 250 },
    );
    expect([engine.pid, engine.restarts, (await ask({ query: 'SELECT 1' })).text]).toEqual([pid, 0, '1\n']);
  });

  test('bytes that are not HTTP end their own connection only', async () => {
    const port = Number(new URL(engine.url).port);
    for (const bytes of [
      '\0\xff\x16\x03\x01',
      'GET\r\n\r\n',
      'POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n',
      'PUT / HTTP/1.1\r\nHost: x\r\n\r\n',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(Buffer.from(bytes, 'latin1')));
        socket
          .on('error', () => undefined)
          .on('close', () => resolve())
          .resume();
      });
    }
    expect((await ask({ query: 'SELECT 1' })).status).toBe(200);
    expect((await fetch(engine.url, { method: 'DELETE' })).status).toBe(405);
  });
});
