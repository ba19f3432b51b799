import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, hourStart } from '../../src/lib/clock.ts';
import { clusterLife, lifeWindow } from '../support/cluster-life.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { postsOf } from '../support/source-posts.ts';
import { openTenantLab } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } } });
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;
const windowOf = ({ start, end }: { start: number; end: number }) =>
  `window=${[start, end].map((at) => new Date(at).toISOString()).join(',')}`;
const CLOSED = () => windowOf(lifeWindow());
const ROUTES = [
  '/v1/allocations?aggregate=pod',
  '/v1/allocations?format=csv',
  '/v1/allocations/summary?idle=share',
  '/v1/allocations/timeseries?step=1d',
  '/allocation?aggregate=namespace&includeIdle=true',
  '/allocation/summary?aggregate=namespace',
  '/v1/assets?aggregate=cluster,type',
  '/v1/assets.csv?sort=name',
];

interface Asked {
  readonly key: string;
  readonly window?: string;
  readonly known?: string;
}

async function ask(route: string, { key, window = CLOSED(), known }: Asked) {
  const headers = { 'x-api-key': key, ...(known === undefined ? {} : { 'if-none-match': known }) };
  const response = await server.app.inject({ url: `${route}&${window}`, headers });
  return {
    status: response.statusCode,
    tag: String(response.headers.etag),
    cacheControl: response.headers['cache-control'],
    vary: String(response.headers.vary),
    body: response.body,
  };
}

async function newTenant() {
  const tenantId = await server.tenant();
  const key = await server.key(tenantId, ['ingest', 'read', 'admin']);
  return { tenantId, key, lab: openTenantLab({ url: server.url, key }) };
}

async function reprice(key: string): Promise<void> {
  const rate = (Math.random() + 0.001).toFixed(6);
  const response = await fetch(`${server.url}/v1/prices`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({
      effective_from: new Date(lifeWindow().start).toISOString(),
      rates: {
        cpu_core_hour: rate,
        ram_gib_hour: rate,
        gpu_hour: '1',
        spot_cpu_core_hour: rate,
        spot_ram_gib_hour: rate,
        storage_gib_hour: '0',
      },
    }),
  });
  expect(response.status, await response.text()).toBe(201);
}

test(
  'an answer about hours that are over keeps its tag until late data or another price changes it, and then never has it again',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLife('east'), fc.boolean(), async (life, byPrice) => {
        fc.pre(life.sights.length > 1);
        const { key, lab } = await newTenant();
        const posts = postsOf(life);
        const late = Math.max(1, Math.floor(posts.length / 2));
        await lab.send(byPrice ? posts : posts.slice(0, late));
        await server.roll();
        const before = await Promise.all(ROUTES.map((route) => ask(route, { key })));
        expect(new Set(before.map(({ tag }) => tag)).size).toBe(ROUTES.length);

        for (const [index, route] of ROUTES.entries()) {
          const { tag, cacheControl, vary, body } = before[index] ?? (await ask(route, { key }));
          expect(tag).toMatch(/^"[\w-]{22}"$/);
          expect(cacheControl).toBe('private, max-age=60, must-revalidate');
          expect(vary).toContain('authorization, x-api-key');
          expect(await ask(route, { key })).toMatchObject({ tag, body });
          for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
            expect(await ask(route, { key, known })).toMatchObject({ status: 304, tag, cacheControl, body: '' });
          }
          expect((await ask(route, { key, known: '"other"' })).status).toBe(200);
        }

        if (byPrice) await reprice(key);
        else await lab.send(posts.slice(late));
        await server.roll();
        for (const [index, route] of ROUTES.entries()) {
          const after = await ask(route, { key, known: before[index]?.tag ?? '' });
          expect(after.status, route).toBe(200);
          expect(after.tag, route).not.toBe(before[index]?.tag);
        }
      }),
      { numRuns: 3 },
    );
  },
  TIMEOUT_MS,
);

test('the same question about the same hours has another tag for another tenant, and for a key of one cluster', async () => {
  const [life] = fc.sample(clusterLife('east'), { numRuns: 1, seed: 3 });
  if (!life) throw new Error('no life');
  const [one, other] = [await newTenant(), await newTenant()];
  for (const { lab } of [one, other]) await lab.send(postsOf(life));
  await server.roll();
  const bound = await server.key(one.tenantId, ['read'], 'east');
  for (const route of ROUTES) {
    const { tag } = await ask(route, one);
    expect((await ask(route, { ...other, known: tag })).status, route).toBe(200);
    expect((await ask(route, { key: bound, known: tag })).status, route).toBe(200);
    expect((await ask(route, { key: bound, known: tag })).tag, route).not.toBe(tag);
    const anew = await server.key(one.tenantId, ['read']);
    expect((await ask(route, { key: anew, known: tag })).status, `${route}, another key that sees as much`).toBe(304);
  }
});

test('hours that are not over have a weak tag that must be asked about, and a refusal has none', async () => {
  const { key } = await newTenant();
  const open = windowOf({ start: hourStart(Date.now()) - DAY_MS, end: hourStart(Date.now()) + HOUR_MS });
  for (const route of ROUTES) {
    const { tag, cacheControl } = await ask(route, { key, window: open });
    expect(tag).toMatch(/^W\/"[\w-]{22}"$/);
    expect(cacheControl).toBe('private, no-cache');
    const refused = await ask(route, { key, window: 'window=bogus' });
    expect(refused).toMatchObject({ status: 400, tag: 'undefined', cacheControl: 'no-store' });
  }
});
