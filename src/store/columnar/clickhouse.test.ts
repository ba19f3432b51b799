import { createServer } from 'node:net';
import { describe, expect, inject, test } from 'vitest';
import { waitFor } from '../../../test/support/wait-for.ts';
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
    await using server = await breakingServer(Number.POSITIVE_INFINITY);
    const columnar = createClickHouse({ ...options, url: server.url });
    await expect(columnar.rows({ sql: 'SELECT 1' })).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(columnar.insertNative('t', new Uint8Array(9))).rejects.toMatchObject({ code: 'store_unavailable' });
    await columnar.close();
  });

  test('a read outlives two connections that break one after the other; a write is never sent twice', async () => {
    await using server = await breakingServer(2);
    const columnar = createClickHouse({ ...options, url: server.url });
    expect(await columnar.rows({ sql: 'SELECT 1' })).toEqual([{ found: 1 }]);
    expect(server.asked()).toBe(3);
    await columnar.close();

    await using other = await breakingServer(2);
    const writer = createClickHouse({ ...options, url: other.url });
    await expect(writer.command({ sql: 'SELECT 1' })).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(other.asked()).toBe(1);
    await writer.close();
  });

  test('who leaves while a read waits to be tried again leaves at once', async () => {
    await using server = await breakingServer(Number.POSITIVE_INFINITY);
    const columnar = createClickHouse({ ...options, url: server.url });
    const leaving = new AbortController();
    const read = columnar.rows({ sql: 'SELECT 1' }, leaving.signal);
    await waitFor(() => server.asked() === 1);
    leaving.abort();
    await expect(read).rejects.toThrow();
    expect(server.asked()).toBe(1);
    await columnar.close();
  });
});

/** Breaks so many connections that ask something, and answers those after them with one row. */
async function breakingServer(breaks: number) {
  let asked = 0;
  const server = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .once('data', () => {
        asked += 1;
        if (asked <= breaks) socket.destroy();
        else socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 12\r\n\r\n{"found":1}\n');
      }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
