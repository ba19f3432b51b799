import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { SMALL_START, smallCluster } from '../../../test/support/small-cluster.ts';
import { HOUR_MS } from '../../lib/clock.ts';

const Totals = z.record(z.string(), z.object({ totalCost: z.number() }));
const NOW = SMALL_START + 30 * HOUR_MS;
const WINDOW = 'window=2026-01-01T00:00:00Z,2026-01-01T04:00:00Z';
let server: TestServer;
let key: string;

beforeAll(async () => {
  server = await startTestServer({ deps: { clock: { now: () => NOW } } });
  const tenant = await server.tenant();
  key = await server.key(tenant, ['read']);
  const cluster = await server.deps.clusters.resolve(tenant, 'east', NOW);
  await server.deps.intake.accept({ tenant, cluster: cluster.id }, smallCluster(SMALL_START, 3));
  await server.roll();
}, 120_000);
afterAll(() => server.close());

async function get(url: string) {
  const response = await server.app.inject({ url, headers: { authorization: `Bearer ${key}` } });
  return { status: response.statusCode, body: response.json() };
}

test('a small cluster is what OpenCost would write, name by name and digit by digit', async () => {
  const golden = JSON.parse(
    readFileSync(new URL('../../../test/golden/opencost-assets.json', import.meta.url), 'utf8'),
  );
  const { status, body } = await get(`/assets?${WINDOW}&somethingOfTheirs=1`);
  expect(status).toBe(200);
  expect(body).toEqual(golden);
  // in their order too
  expect(JSON.stringify(body.data)).toBe(JSON.stringify(golden.data));
});

test('one map, or a list where a step or Kubecost asks for it', async () => {
  const f = async (url: string, want: number | 'map') => {
    const { status, body } = await get(url);
    expect(status, url).toBe(200);
    expect(Array.isArray(body.data) ? body.data.length : 'map', url).toBe(want);
  };
  await f(`/assets?${WINDOW}`, 'map');
  await f(`/assets?${WINDOW}&accumulate=true`, 'map');
  await f(`/assets?${WINDOW}&step=1h`, 4);
  await f('/assets?window=3d&accumulate=day', 3);
  await f('/model/assets?window=3d', 3);
  await f(`/model/assets?${WINDOW}`, 4);
  await f(`/model/assets?${WINDOW}&accumulate=true`, 1);
});

test('assets are cut and filtered in the words of both', async () => {
  const f = async (query: string, want: Record<string, number>) => {
    const { body } = await get(`/assets?${WINDOW}&${query}`);
    const found = Object.entries(Totals.parse(body.data)).map(([name, { totalCost }]) => [name, totalCost]);
    expect(Object.fromEntries(found), query).toEqual(want);
  };
  await f('aggregate=type', { Node: 1.5, LoadBalancer: 0.075, Disk: 0.01808 });
  await f('aggregate=label:team', { 'team=platform': 1.2, __undefined__: 0.39308 });
  await f('aggregate=providerID&filter=assetType:"node"', { 'i-0123': 1.2, 'i-0456': 0.3 });
  await f('aggregate=type&filterTypes=node', { Node: 1.5 });
  await f('aggregate=type&filterCategories=Storage,Network', { LoadBalancer: 0.075, Disk: 0.01808 });
  await f('aggregate=type&filterNames=pv-*', { Disk: 0.01808 });
  await f('aggregate=type&filterLabels=team:platform', { Node: 1.2 });
  await f('aggregate=type&filterTypes=disk&filter=assetType:"node"', { Node: 1.5 }); // v2 wins
  await f('aggregate=cluster&filterClusters=west', {});
  await f('aggregate=name&filterTypes=node&limit=1&offset=1', { n2: 0.3 });
});

test('assets of several types have what all types have, and no type', async () => {
  const { body } = await get(`/assets?${WINDOW}&aggregate=cluster`);
  expect(Object.keys(body.data.east)).toEqual(
    'properties labels window start end minutes adjustment totalCost'.split(' '),
  );
  expect(body.data.east.properties).toEqual({ provider: 'AWS', service: 'Kubernetes', cluster: 'east' });
});

describe('refusals are in their shape, and say what was expected', () => {
  test.each([
    ['', 'window is required'],
    ['?window=', 'window is required'],
    ['?window=bogus', 'cannot be read'],
    ['?window=1d&aggregate=pod', 'there is no key'],
    ['?window=1d&filter=pod:"x"', 'expected a field'],
    ['?window=1d&filterLabels=app', 'expected name:value'],
    ['?window=1d&disableAdjustments=perhaps', 'disableAdjustments must be true or false'],
    ['?window=1d&limit=-1', 'limit must be a whole number'],
    ['?window=1d&step=90s', 'whole hours'],
    ['?window=1d&window=2d', 'window: is given 2 times: give it once'],
    [`?window=1d&filter=${'x'.repeat(8_193)}`, 'filter: Too big: expected string to have <=8192'],
    [`?window=1d&filterNames=${'x'.repeat(8_000)}&filterTypes=${'y'.repeat(200)}`, 'at most 8192'],
  ])('%.40s', async (query, words) => {
    for (const url of ['/assets', '/model/assets']) {
      const { status, body } = await get(`${url}${query}`);
      expect(status, url).toBe(400);
      expect(body, url).toMatchObject({ code: 400, status: 'error', data: null });
      expect(body.message, url).toContain(words);
    }
  });
});
