import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPostgres, startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { openPostgres } from './postgres-engine.ts';
import type { Relational } from './relational.ts';

const bin = await findPostgres();
describe.skipIf(bin === undefined)('a PostgreSQL server', () => {
  let server: TestPostgres;
  let url: string;
  let relational: Relational;
  beforeAll(async () => {
    server = await startPostgres(bin ?? '');
    url = await server.database();
    relational = openPostgres({ url, statementTimeoutMs: 300, connectTimeoutMs: 1_000, connectionsMax: 2 });
  });
  afterAll(async () => {
    await relational.close();
    await server.end();
  });

  test('a statement over its time is a query_timeout, and the connection lives on', async () => {
    await expect(sql`select pg_sleep(60)`.execute(relational.db)).rejects.toMatchObject({ code: 'query_timeout' });
    expect(await relational.ping()).toBe(true);
  });

  test('more callers than connections wait, and are told when that takes too long', async () => {
    const short = openPostgres({ url, connectionsMax: 1, connectTimeoutMs: 100 });
    const busy = sql`select pg_sleep(0.5)`.execute(short.db);
    await expect(sql`select 1`.execute(short.db)).rejects.toMatchObject({ code: 'store_unavailable' });
    await busy;
    expect(await short.ping()).toBe(true);
    await short.close();
  });

  test('connections that the server ended are replaced, and nobody dies of it', async () => {
    const other = openPostgres({ url, connectionsMax: 2 });
    const waiting = sql`select pg_sleep(0.25)`.execute(relational.db);
    const end = sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()
      and datname = current_database()`;
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'store_unavailable' }), end.execute(other.db)]);
    await expect.poll(() => relational.ping()).toBe(true);
    await other.close();
  });

  test.each([
    ['nobody listens', () => 'postgres://test@127.0.0.1:1/x', 'ECONNREFUSED'],
    ['there is no such database', () => url.replace('/test_1', '/no_such_database'), '3D000'],
  ])('when %s every statement is store_unavailable and says why', async (_, at, why) => {
    const away = openPostgres({ url: at() });
    expect(await away.ping()).toBe(false);
    const asking = sql`select 1`.execute(away.db);
    await expect(asking).rejects.toMatchObject({ code: 'store_unavailable', message: expect.stringContaining(why) });
    await away.close();
  });
});
