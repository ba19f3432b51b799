import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startTestServer } from '../../test/support/server.ts';
import type { Intake } from './dependencies.ts';

test('a server that is told to stop answers what is under way, and takes nothing more', async () => {
  const arrived = Promise.withResolvers<void>();
  const durable = Promise.withResolvers<void>();
  const intake: Intake = {
    async accept() {
      arrived.resolve();
      await durable.promise;
    },
  };
  const server = await startTestServer({ deps: { intake } });
  const key = await server.key(await server.tenant(), ['ingest']);
  const body = { pod_metrics: [{ pod_name: 'a', namespace: 'b', node_name: 'c', cpu_usage_millicores: 1 }] };
  const posted = fetch(`${server.url}/v1/ingest`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await arrived.promise;
  const closed = server.close();
  await expect
    .poll(() =>
      fetch(`${server.url}/livez`).then(
        () => 'taken',
        () => 'refused',
      ),
    )
    .toBe('refused');
  durable.resolve();
  const response = await posted;
  expect([response.status, await response.json()]).toEqual([202, { status: 'accepted' }]);
  await closed;
});

test('a connection without a request, or with half of one, does not hold up a server that is told to stop', async () => {
  const server = await startTestServer();
  const { hostname, port } = new URL(server.url);
  const [silent, slow] = [connect(Number(port), hostname), connect(Number(port), hostname)];
  await Promise.all([once(silent, 'connect'), once(slow, 'connect')]);
  slow.write('GET /livez HTTP/1.1\r\nHost: ');
  const ended = Promise.all([once(silent, 'close'), once(slow, 'close')]);
  // answered after both have connected, so the server has seen them
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  await server.close();
  await ended;
});

test('work for a caller who left is told to stop', async () => {
  const asked = Promise.withResolvers<AbortSignal | undefined>();
  const costs = {
    namespaces: async (_scope: unknown, _page: unknown, signal?: AbortSignal) => {
      asked.resolve(signal);
      return new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('gone')));
      });
    },
  };
  const unasked = () => Promise.reject(new Error('not asked here'));
  const server = await startTestServer({
    deps: { costs: { clusters: unasked, utilization: unasked, trends: unasked, ...costs } },
  });
  const key = await server.key(await server.tenant(), ['read']);
  const caller = new AbortController();
  const answer = fetch(`${server.url}/v1/costs/namespaces`, { headers: { 'x-api-key': key }, signal: caller.signal });
  const signal = await asked.promise;
  caller.abort();
  await expect(answer).rejects.toThrow();
  await expect.poll(() => signal?.aborted).toBe(true);
  await server.close();
});
