import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { emptyDatabase, type TestDatabase } from '../../../test/support/engine.ts';
import type { SharedEngine } from '../../../test/support/global-setup.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { createClickHouse } from './clickhouse.ts';
import { migrateColumnar } from './migrate.ts';
import { encodeNative } from './native-block.ts';

const MIB = 2 ** 20;

/** What every engine behind the `Columnar` port keeps to. */
export function columnarConformance(name: string, server: () => SharedEngine): void {
  describe(`columnar: ${name}`, () => {
    let database: TestDatabase;
    const columnar = () => database.columnar;
    beforeAll(async () => {
      database = await emptyDatabase(server());
    });
    afterAll(() => database.close());

    const value = async (sql: string, params: Record<string, unknown> = {}) => {
      const [row] = await columnar().rows({ sql, params, row: z.looseObject({}) });
      return row;
    };

    test('decimals and 64-bit integers come as text, without loss', async () => {
      const sql = `SELECT toDecimal64('-123456.000000000001', 12) AS d, toInt64(-9007199254740993) AS i, toUInt64(18446744073709551615) AS u`;
      expect(await value(sql)).toEqual({
        d: '-123456.000000000001',
        i: '-9007199254740993',
        u: '18446744073709551615',
      });
    });

    test.each([
      ["' OR 1=1 --"],
      ["\\' ; DROP TABLE t; --"],
      ['tab\there, line\nhere, return\rhere, nul\0here'],
      ['back\\slash, `tick`, "quote", {a:String}, $tag$, /* comment'],
      ['žluťoučký 🐎 \u2028'],
      [''],
      ['\\N'],
    ])('a bound text cannot become SQL, nor be changed: %j', async (text) => {
      expect(
        await value('SELECT {text:String} AS text, {list:Array(String)} AS list', { text, list: [text, 'x'] }),
      ).toEqual({
        text,
        list: [text, 'x'],
      });
    });

    test('parameters of every kind in use are bound by type', async () => {
      const tenant = randomUUID();
      const sql = `SELECT {id:UUID} AS id, {n:UInt64} AS n, {at:DateTime64(3, 'UTC')} AS at, {d:Date} AS d,
        {ns:Array(UInt32)} AS ns, {x:Nullable(String)} AS x`;
      const params = { id: tenant, n: 7, at: '1767225600.123', d: '2026-01-01', ns: [1, 2], x: null };
      const want = { id: tenant, n: '7', at: '2026-01-01 00:00:00.123', d: '2026-01-01', ns: [1, 2], x: null };
      expect(await value(sql, params)).toEqual(want);
    });

    test('a row that is not what its query says is an error', async () => {
      const query = { sql: `SELECT 'text' AS n`, row: z.object({ n: z.number() }) };
      const refusal = {
        code: 'internal',
        cause: expect.objectContaining({ name: expect.stringContaining('ZodError') }),
      };
      await expect(columnar().rows(query)).rejects.toMatchObject(refusal);
    });

    test('columns come as they are told, without loss, and others than expected are an error', async () => {
      const sql = `SELECT toUInt32(number) AS n, toDecimal128('-0.000000000001', 12) AS cost, toFloat64(number) / 2 AS half,
        [toString(number)] AS names, map('a', 'b') AS labels, CAST(number, 'Enum8(\\'even\\' = 0, \\'odd\\' = 1)') AS kind,
        9007199254740993 + number AS big
        FROM numbers({rows:UInt32})`;
      const kinds = {
        n: 'number',
        cost: 'text',
        half: 'number',
        names: 'texts',
        labels: 'textMap',
        kind: ['even', 'odd'],
        big: 'text',
      } as const;
      expect(await columnar().columns({ sql, params: { rows: 2 }, kinds })).toEqual({
        length: 2,
        of: {
          n: [0, 1],
          cost: ['-0.000000000001', '-0.000000000001'],
          half: [0, 0.5],
          names: [['0'], ['1']],
          labels: [{ a: 'b' }, { a: 'b' }],
          kind: ['even', 'odd'],
          big: ['9007199254740993', '9007199254740994'],
        },
      });
      expect(await columnar().columns({ sql, params: { rows: 0 }, kinds: { n: 'number' } })).toMatchObject({
        length: 0,
      });
      await expect(columnar().columns({ sql, params: { rows: 1 }, kinds: { names: 'text' } })).rejects.toMatchObject({
        code: 'internal',
      });
    });

    test('a command tells how many rows it wrote', async () => {
      await columnar().command({ sql: 'CREATE TABLE written (n UInt64) ENGINE = MergeTree ORDER BY n' });
      const sql = 'INSERT INTO written SELECT number FROM numbers({count:UInt64})';
      expect(await columnar().command({ sql, params: { count: 1234 } })).toEqual({ rowsWritten: 1234 });
      expect(await value('SELECT count() AS n FROM written')).toEqual({ n: '1234' });
    });

    test('a native block fills the columns it names, and the engine fills the others', async () => {
      await columnar().command({
        sql: `CREATE TABLE filled (id UUID, name LowCardinality(String), n Nullable(Int64), twice Int64 MATERIALIZED n * 2,
          note String DEFAULT 'none', received_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'))
          ENGINE = MergeTree ORDER BY id SETTINGS fsync_after_insert = 1`,
      });
      const id = randomUUID();
      const block = encodeNative(
        [
          { name: 'id', type: 'UUID', values: [id] },
          { name: 'n', type: 'Nullable(Int64)', values: [21] },
          { name: 'name', type: 'String', values: ['a'] },
        ],
        1,
      );
      await columnar().insertNative('filled', block);
      const sql = 'SELECT id, name, n, twice, note, received_at > now64(3) - 60 AS recent FROM filled';
      expect(await value(sql)).toEqual({ id, name: 'a', n: '21', twice: '42', note: 'none', recent: 1 });
    });

    test('a block may bring what the rows are made of, with values bound that they share', async () => {
      await columnar().command({
        sql: 'CREATE TABLE made (who UUID, word LowCardinality(String), n Int64) ENGINE = MergeTree ORDER BY n',
      });
      const [first, second] = [randomUUID(), randomUUID()];
      const words = [`it's {word:String}`, 'näkki'];
      const columns = { which: 'UInt64', n: 'Int64' };
      const select = { who: '{whos:Array(UUID)}[which]', word: '{words:Array(String)}[which]', n: 'n * 2' };
      const block = encodeNative(
        [
          { name: 'which', type: 'UInt64', values: [1n, 2n, 1n] },
          { name: 'n', type: 'Int64', values: [1, 2, 3] },
        ],
        3,
      );
      const source = { columns, select, params: { whos: [first, second], words } };
      await columnar().insertNative('made', { ...source, block });
      await expect(columnar().insertNative('made', { ...source, block: block.subarray(0, -4) })).rejects.toMatchObject({
        code: 'internal',
      });
      expect(await columnar().rows({ sql: 'SELECT who, word, n FROM made ORDER BY n' })).toEqual([
        { who: first, word: words[0], n: '2' },
        { who: second, word: words[1], n: '4' },
        { who: first, word: words[0], n: '6' },
      ]);
    });

    test('an insert that was answered is seen by every later query, also from another client', async () => {
      await columnar().command({ sql: 'CREATE TABLE seen (n Int64) ENGINE = MergeTree ORDER BY n' });
      const other = createClickHouse(database.options);
      for (let n = 1; n <= 10; n += 1) {
        await columnar().insertNative('seen', encodeNative([{ name: 'n', type: 'Int64', values: [n] }], 1));
        expect(await other.rows({ sql: 'SELECT count() AS n FROM seen' })).toEqual([{ n: String(n) }]);
      }
      await other.close();
    });

    test('a broken block is refused, and nothing of it is kept', async () => {
      await columnar().command({ sql: 'CREATE TABLE broken (n Int64) ENGINE = MergeTree ORDER BY n' });
      const whole = encodeNative([{ name: 'n', type: 'Int64', values: [1, 2, 3] }], 3);
      await expect(columnar().insertNative('broken', whole.subarray(0, -4))).rejects.toMatchObject({
        code: 'internal',
      });
      expect(await value('SELECT count() AS n FROM broken')).toEqual({ n: '0' });
    });

    test('many statements at once each get their own answer', async () => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, async (_, n) =>
          value('SELECT {n:UInt32} AS n, sum(number) AS s FROM numbers({n:UInt32})', { n }),
        ),
      );
      expect(answers).toEqual(answers.map((_, n) => ({ n, s: String((n * (n - 1)) / 2) })));
    });

    test('a result of many rows streams, and memory stays flat', { timeout: 120_000 }, async () => {
      const sql = `SELECT number AS n, repeat('x', 100) AS text FROM numbers(1500000)`;
      let rows = 0;
      let peak = 0;
      const before = process.memoryUsage().rss;
      for await (const block of columnar().stream<{ n: string }>({ sql })) {
        rows += block.length;
        peak = Math.max(peak, process.memoryUsage().rss - before);
      }
      expect(rows).toBe(1_500_000);
      expect(peak / MIB).toBeLessThan(150); // the result has 190 MiB as text, and several times that as objects
    });

    test('rows are bounded, and more is an error rather than a part', async () => {
      const small = createClickHouse({ ...database.options, resultRowsMax: 100 });
      expect(await small.rows({ sql: 'SELECT number FROM numbers(100)' })).toHaveLength(100);
      const tooMany = { sql: 'SELECT number FROM numbers(200000)' };
      await expect(small.rows(tooMany)).rejects.toMatchObject({ code: 'query_too_large' });
      await expect(small.columns({ ...tooMany, kinds: {} })).rejects.toMatchObject({ code: 'query_too_large' });
      await small.close();
    });

    test('an aborted query rejects at once, and its work stops', async () => {
      const abort = new AbortController();
      const tag = randomUUID();
      const query = { sql: `SELECT sum(sipHash64(number)) AS s, '${tag}' AS tag FROM numbers(1000000000000)` };
      const answer = columnar()
        .rows(query, abort.signal)
        .catch((error: unknown) => error);
      const running = async () =>
        (
          await columnar().rows({
            sql: `SELECT 1 FROM system.processes WHERE query LIKE '%${tag}%' AND query NOT LIKE '%processes%'`,
          })
        ).length;
      await waitFor(async () => (await running()) === 1, { what: 'the query runs' });
      const reason = new Error('not wanted any more');
      abort.abort(reason);
      expect(await answer).toBe(reason);
      await waitFor(async () => (await running()) === 0, { what: 'the query ended' });
    });

    test.each([
      ['its time', 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)', { timeoutMs: 1_000 }, 'query_timeout'],
      [
        'its memory',
        'SELECT groupArray(number) FROM numbers(100000000)',
        { settings: { max_memory_usage: 50_000_000 } },
        'query_too_large',
      ],
      ['sense', 'SELECT nonsense FROM nowhere', {}, 'internal'],
    ])('a query over %s is refused with a code of ours', async (_, sql, options, code) => {
      await expect(columnar().rows({ sql, ...options })).rejects.toMatchObject({ name: 'AppError', code });
      await expect(columnar().columns({ sql, kinds: {}, ...options })).rejects.toMatchObject({
        name: 'AppError',
        code,
      });
      expect(await value('SELECT 1 AS one')).toEqual({ one: 1 });
    });

    test('a stranger is refused', async () => {
      const stranger = createClickHouse({ ...database.options, password: 'wrong' });
      await expect(stranger.rows({ sql: 'SELECT 1' })).rejects.toMatchObject({ code: 'store_unavailable' });
      expect(await stranger.ping()).toBe(false);
      expect(await columnar().ping()).toBe(true);
      await stranger.close();
    });

    test('names of tables and databases cannot carry SQL', async () => {
      const options = { ...database.options, database: 'x`; DROP' };
      expect(() => createClickHouse(options)).toThrow(RangeError);
      await expect(columnar().insertNative('t; DROP TABLE seen', new Uint8Array(1))).rejects.toThrow(RangeError);
    });

    test('two replicas that migrate at once get one schema, and a later start applies nothing', async () => {
      const fresh = await emptyDatabase(server());
      const second = createClickHouse(fresh.options);
      await Promise.all([migrateColumnar(fresh.columnar), migrateColumnar(second)]);
      expect(await migrateColumnar(fresh.columnar)).toEqual([]);
      const tables = await second.rows({ sql: 'SELECT name FROM system.tables WHERE database = currentDatabase()' });
      expect(tables).toContainEqual({ name: 'container_samples' });
      await second.close();
      await fresh.close();
    });
  });
}
