import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';

let server: TestServer;
let now = 0;
let pings = 0;
const alive = { columnar: true, relational: true, cache: true };

beforeAll(async () => {
  const probe = (engine: string, store: keyof typeof alive) => ({
    engine,
    async ping() {
      pings += 1;
      if (!alive[store]) throw new Error('refused');
      return true;
    },
  });
  const probes = {
    columnar: probe('embedded', 'columnar'),
    relational: probe('pglite', 'relational'),
    cache: probe('redis', 'cache'),
  };
  server = await startTestServer({ deps: { probes, clock: { now: () => now } } });
});
beforeEach(() => {
  Object.assign(alive, { columnar: true, relational: true, cache: true });
  now += 60_000;
});
afterAll(() => server.close());

async function ask(url: string) {
  const response = await server.app.inject({ url });
  return [response.statusCode, response.json()];
}

test('with all stores the service is healthy and ready, and says that no watch runs', async () => {
  expect(await ask('/livez')).toEqual([200, { status: 'live' }]);
  expect(await ask('/readyz')).toEqual([200, { status: 'ready' }]);
  expect(await ask('/v1/health')).toMatchObject([
    200,
    { overall_status: 'healthy', postgresql: 'healthy', timescaledb: 'healthy', redis: 'healthy' },
  ]);
  const watchers = { nodes: false, pods: false, pvcs: false, pvs: false };
  expect(await ask('/health')).toEqual([
    200,
    { status: 'healthy', debug_k8s_api: false, watchers_initialized: watchers, all_watchers_ready: false },
  ]);
});

test('without a store that is needed nothing should be sent here; without a cache all goes on', async () => {
  alive.columnar = false;
  expect(await ask('/readyz')).toMatchObject([503, { message: 'no answer from the columnar store' }]);
  expect(await ask('/v1/health')).toMatchObject([503, { overall_status: 'unhealthy', timescaledb: 'unhealthy' }]);
  expect(await ask('/health')).toMatchObject([503, { status: 'unhealthy' }]);
  expect(await ask('/livez')).toMatchObject([200, {}]);
  alive.columnar = true;
  alive.cache = false;
  now += 60_000;
  expect(await ask('/readyz')).toMatchObject([200, {}]);
  expect(await ask('/v1/health')).toMatchObject([200, { overall_status: 'healthy', redis: 'unhealthy' }]);
});

test('however often it is asked, a store is asked once a second', async () => {
  const before = pings;
  await Promise.all(Array.from({ length: 50 }, () => ask('/readyz')));
  expect(pings - before).toBe(3);
  now += 1_000;
  await ask('/readyz');
  expect(pings - before).toBe(6);
});
