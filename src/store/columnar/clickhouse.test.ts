import { createServer } from 'node:net';
import { describe, expect, inject, test } from 'vitest';
import { createClickHouse } from './clickhouse.ts';
import { columnarConformance } from './columnar.conformance.ts';

columnarConformance('the embedded engine', () => inject('engine'));

const server = process.env['KUBETALLY_TEST_CLICKHOUSE_URL'];
if (server === undefined) {
  test.skip('columnar: a ClickHouse server (set KUBETALLY_TEST_CLICKHOUSE_URL=http://user:password@host:8123)', () =>
    undefined);
} else {
  const { origin, username, password } = new URL(server);
  const user = username === '' ? 'default' : decodeURIComponent(username);
  columnarConformance('a ClickHouse server', () => ({ url: origin, user, password: decodeURIComponent(password) }));
}

describe('a store that is away', () => {
  const options = { user: 'u', password: 'p', database: 'd' };

  test('refused connections are store_unavailable, for reads and for writes', async () => {
    const columnar = createClickHouse({ ...options, url: 'http://127.0.0.1:1' });
    const away = { code: 'store_unavailable', retry: true };
    await expect(columnar.rows({ sql: 'SELECT 1' })).rejects.toMatchObject(away);
    await expect(columnar.command({ sql: 'SELECT 1' })).rejects.toMatchObject(away);
    await expect(columnar.insertNative('t', new Uint8Array(1))).rejects.toMatchObject(away);
    expect(await columnar.ping()).toBe(false);
    await columnar.close();
  });

  test('a connection that breaks in the middle is store_unavailable', async () => {
    const breaking = createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.destroy()));
    await new Promise<void>((resolve) => breaking.listen(0, '127.0.0.1', resolve));
    const address = breaking.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const columnar = createClickHouse({ ...options, url: `http://127.0.0.1:${port}` });
    await expect(columnar.rows({ sql: 'SELECT 1' })).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(columnar.insertNative('t', new Uint8Array(9))).rejects.toMatchObject({ code: 'store_unavailable' });
    await columnar.close();
    breaking.close();
  });
});
