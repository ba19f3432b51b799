import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { SMALL_START, smallCluster } from '../../../test/support/small-cluster.ts';
import { HOUR_MS } from '../../lib/clock.ts';

const NOW = SMALL_START + 30 * HOUR_MS;
const WINDOW = 'window=2026-01-01T00:00:00Z,2026-01-01T04:00:00Z';
let server: TestServer;
let tenant: string;
let key: string;

beforeAll(async () => {
  server = await startTestServer({ deps: { clock: { now: () => NOW } } });
  tenant = await server.tenant();
  key = await server.key(tenant, ['read']);
  const cluster = await server.deps.clusters.resolve(tenant, 'east', NOW);
  await server.deps.intake.accept({ tenant, cluster: cluster.id }, smallCluster(SMALL_START, 3));
  await server.roll();
}, 120_000);
afterAll(() => server.close());

async function get(url: string, headers: Record<string, string> = { 'x-api-key': key }) {
  const response = await server.app.inject({ url, headers });
  return { status: response.statusCode, text: response.body };
}

async function names(query: string): Promise<string[]> {
  const { text } = await get(`/v1/assets?${WINDOW}&${query}`);
  return JSON.parse(text).sets[0].assets.map(({ name }: { name: string }) => name);
}

test('each asset is told by itself, dearest first, exact and with coverage', async () => {
  const { status, text } = await get(`/v1/assets?${WINDOW}`);
  expect(status).toBe(200);
  const answer = JSON.parse(text);
  expect(answer).toMatchObject({
    currency: 'USD',
    aggregate: ['cluster', 'type', 'name'],
    coverage: { hours_covered: 3, ratio: 0.75 },
    total: { other: '0.0930821916', total: '1.5930821916' },
  });
  const [dearest] = answer.sets[0].assets;
  expect(dearest).toMatchObject({
    name: 'east/Node/n1',
    keys: { cluster: 'east', type: 'Node', name: 'n1' },
    assets: 1,
    properties: { provider: 'AWS', providerID: 'aws:///eu-west-1a/i-0123', instanceType: 'm5.xlarge', pool: 'main' },
    labels: { team: 'platform' },
    start: '2026-01-01T00:00:00.000Z',
    end: '2026-01-01T03:00:00.000Z',
    minutes: 180,
    node: {
      cpu_core_hours: 12,
      gpu_hours: 0,
      cpu: { idle: 0.8125, system: 0.0625, user: 0.125 },
      ram: { idle: 0.8125, system: 0.0625, user: 0.125 },
      spot: 0,
      discount: 0,
    },
    disk: null,
    cost: { adjustment: '0', total: '1.2' },
  });
  const disk = answer.sets[0].assets.find(({ name }: { name: string }) => name === 'east/Disk/pv-2');
  expect(disk).toMatchObject({ node: null, disk: { byte_hours: 30 * 2 ** 30, mounted_byte_hours: 0 } });
});

test('rows are in one order, so that pages never overlap', async () => {
  const all = await names('sort=name');
  expect(all).toEqual([
    'east/Disk/pv-1',
    'east/Disk/pv-2',
    'east/LoadBalancer/shop/front',
    'east/Node/n1',
    'east/Node/n2',
  ]);
  expect([...(await names('sort=name&limit=2')), ...(await names('sort=name&limit=9&offset=2'))]).toEqual(all);
  expect((await names('')).slice(0, 3)).toEqual(['east/Node/n1', 'east/Node/n2', 'east/LoadBalancer/shop/front']);
});

test('a window falls into sets, and a filter says which assets', async () => {
  const { text } = await get(`/v1/assets?${WINDOW}&step=1h&aggregate=type&filter=category:"Compute"`);
  const { sets, total } = JSON.parse(text);
  expect(sets.map((set: { total: { total: string } }) => set.total.total)).toEqual(['0.5', '0.5', '0.5', '0']);
  expect(total.total).toBe('1.5');
});

test('as CSV there is a line for each row, with costs as exact as they are', async () => {
  const { text } = await get(`/v1/assets.csv?${WINDOW}&aggregate=cluster,name&sort=name`);
  const lines = text.split('\r\n');
  expect(lines[0]).toBe(
    'set_start,set_end,cluster,name,type,category,provider,providerID,assets,minutes,cpu_core_hours,ram_byte_hours,gpu_hours,byte_hours,cpu_cost,ram_cost,gpu_cost,other_cost,adjustment,total_cost,currency',
  );
  expect(lines).toHaveLength(7);
  expect(lines[3]).toMatch(
    /^2026-01-01T00:00:00.000Z,2026-01-01T04:00:00.000Z,east,pv-1,Disk,Storage,AWS,vol-data,1,180,,,,/,
  );
});

describe('refusals name the field', () => {
  test.each([
    ['nosuch=1', 'nosuch'],
    ['window=bogus', 'window'],
    ['window=2026-01-02,2026-01-01', 'reversed'],
    ['zone=Mars', 'time zone'],
    ['aggregate=tpye', 'did you mean type'],
    ['aggregate=pod', 'there is no key'],
    ['aggregate=label:', 'there is no key'],
    [`aggregate=${Array.from({ length: 17 }, (_, index) => `label:l${index}`).join(',')}`, 'at most 16'],
    ['filter=pod:"a"', 'expected a field (assetType'],
    ['filter=assetType:"node"name', 'at character'],
    ['step=90m', 'whole hours'],
    ['step=1d&accumulate=day', 'not both'],
    ['accumulate=fortnight', 'accumulate'],
    ['sort=size', 'sort'],
    ['limit=0', 'limit'],
    ['limit=50001', 'limit'],
    ['offset=-1', 'offset'],
    ['window=2000d&step=1h', 'window'],
  ])('%s', async (query, words) => {
    const { status, text } = await get(`/v1/assets?${query}`);
    expect(status, text).toBe(400);
    expect(text).toContain(words);
  });
});

test('a tenant sees its own assets alone, and a key of one cluster that cluster’s', async () => {
  const [other, bound] = [
    await server.key(await server.tenant(), ['read']),
    await server.key(tenant, ['read'], 'elsewhere'),
  ];
  for (const stranger of [other, bound]) {
    const { text } = await get(`/v1/assets?${WINDOW}`, { 'x-api-key': stranger });
    expect(JSON.parse(text)).toMatchObject({ total: { total: '0' }, sets: [{ rows: 0, assets: [] }] });
    expect(JSON.parse((await get(`/assets?${WINDOW}`, { 'x-api-key': stranger })).text)).toMatchObject({ data: {} });
  }
  expect((await get(`/v1/assets?${WINDOW}`, {})).status).toBe(401);
  const writer = await server.key(tenant, ['ingest']);
  expect((await get(`/v1/assets?${WINDOW}`, { 'x-api-key': writer })).status).toBe(403);
});
