import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { NO_AMOUNTS, NO_TRAFFIC } from '../../core/allocation/amounts.ts';
import { NO_COSTS, NO_IDLE } from '../../core/allocation/costs.ts';
import { DAY_MS, HOUR_MS } from '../../lib/clock.ts';
import { parseMoney, ZERO } from '../../lib/money.ts';
import type { AllocationQuestion, AllocationRow } from '../../queries/allocations.ts';

const NOW = Date.UTC(2026, 5, 15, 12, 30);
const asked: AllocationQuestion[] = [];
let server: TestServer;
let key: string;

const row = (more: Partial<AllocationRow>): AllocationRow => ({
  kind: 'allocation',
  values: ['shop'],
  common: { cluster: 'east', namespace: 'shop', controllerKind: '', controller: '' },
  labels: {},
  start: NOW - 2 * HOUR_MS,
  end: NOW,
  amounts: {
    ...NO_AMOUNTS,
    cpuCoreSeconds: 7_200,
    cpuRequestCoreSeconds: 7_200,
    cpuUsageCoreSeconds: 1_800,
    ramByteSeconds: 7_200,
    ramRequestByteSeconds: 0,
    ramUsageByteSeconds: 7_200,
    networkReceivedBytes: 5,
    networkSentBytes: 7,
  },
  costs: { ...NO_COSTS, cpu: parseMoney('0.123456789'), ram: parseMoney('0.1') },
  adjustments: NO_COSTS,
  traffic: NO_TRAFFIC,
  idle: { ...NO_IDLE, cpu: parseMoney('0.000004') },
  shared: parseMoney('1'),
  ...more,
});

/** A question is noted, and answered with a row and some idle in each set. */
beforeAll(async () => {
  const idle = row({ kind: 'idle', values: [], idle: NO_IDLE, shared: ZERO });
  const allocations = {
    sets: async (question: AllocationQuestion) => {
      asked.push(question);
      const rows = question.idle === 'keep' ? [row({}), idle] : [row({})];
      const coverage = { hours_asked: 4, hours_covered: 3, ratio: 0.75, clusters: [] };
      return { sets: question.sets.map((window) => ({ window, rows })), coverage, currency: 'USD' };
    },
  };
  server = await startTestServer({ deps: { allocations, clock: { now: () => NOW } } });
  key = await server.key(await server.tenant(), ['read']);
});
afterAll(() => server.close());

async function get(url: string, headers: Record<string, string> = { authorization: `Bearer ${key}` }) {
  asked.length = 0;
  const response = await server.app.inject({ url, headers });
  return { status: response.statusCode, body: response.json(), question: asked[0] };
}

test('an answer is an array of sets by name, in their envelope, with their fields in their order', async () => {
  const { status, body } = await get('/allocation?window=2h&aggregate=namespace&somethingOfTheirs=1');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    code: 200,
    status: 'success',
    warning: '3 of 4 hours are known, over the clusters asked about',
  });
  expect(body.data).toHaveLength(1);
  const { shop } = body.data[0];
  expect(Object.keys(shop).slice(0, 14)).toEqual(
    'name properties window start end minutes cpuCores cpuCoreRequestAverage cpuCoreUsageAverage cpuCoreHours cpuCost cpuCostAdjustment cpuCostIdle cpuEfficiency'.split(
      ' ',
    ),
  );
  expect(shop).toMatchObject({
    name: 'shop',
    properties: { cluster: 'east', namespace: 'shop' },
    window: { start: '2026-06-15T11:00:00Z', end: '2026-06-15T13:00:00Z' },
    minutes: 120,
    cpuCores: 1,
    cpuCoreUsageAverage: 0.25,
    cpuCoreHours: 2,
    cpuCost: 0.12346,
    cpuCostIdle: 0,
    cpuEfficiency: 0.25,
    ramEfficiency: 1,
    networkTransferBytes: 7,
    networkReceiveBytes: 5,
    sharedCost: 1,
    totalCost: 1.22346,
    pvs: null,
  });
});

test('the words of both dialects are understood, each with its own defaults', async () => {
  const f = async (url: string, want: Partial<AllocationQuestion> & { days?: number }) => {
    const { status, question } = await get(url);
    const { days, ...rest } = want;
    expect(status, url).toBe(200);
    if (days !== undefined) expect(question?.sets, url).toHaveLength(days);
    expect(question, url).toMatchObject(rest);
  };
  await f('/allocation?window=3d', { idle: 'hide', days: 1 });
  await f('/allocation?window=20m', { sets: [{ start: NOW - HOUR_MS / 2, end: NOW + HOUR_MS / 2 }] });
  await f('/allocation/summary?window=3d&accumulate=week&step=month', { days: 2 });
  await f('/allocation/compute?window=3d&includeIdle=true&step=1d', { idle: 'keep', days: 3 });
  await f('/allocation?window=3d&step=1d&accumulate=true', { days: 1 });
  await f('/allocation?window=3d&accumulateBy=day', { days: 3 });
  await f('/model/allocation?window=3d', { idle: 'keep', days: 3 });
  await f('/model/allocation?window=3d&accumulate=true&idle=false', { idle: 'hide', days: 1 });
  await f('/model/allocation/compute?window=3d', { idle: 'hide', days: 1 });
  await f('/allocation?window=1d&shareIdle=true&idleByNode=true', { idle: 'share', idleBy: 'node' });
  await f('/allocation?window=1d&shareIdle=weighted', { idle: 'share', idleSplit: 'weighted' });
  await f('/allocation?window=1d&shareIdle=even', { idle: 'share', idleSplit: 'even' });
  await f('/allocation?window=1d&shareIdle=weighted&splitIdle=1', { idle: 'share', splitIdle: true });
  await f('/allocation?window=1d&filterNamespaces=a,b*&filter=', {
    filter: expect.objectContaining({ kind: 'or' }),
  });
  await f('/allocation?window=1d&filterNamespaces=a&filter=pod:"x"', {
    filter: expect.objectContaining({ property: 'pod' }), // v2 wins
  });
  await f('/allocation?window=1d&shareCost=30.42&shareSplit=even&shareNamespaces=kube-system', {
    share: { rows: expect.objectContaining({ property: 'namespace' }), monthly: parseMoney('30.42'), split: 'even' },
  });
});

test('costs are of the set, or by the hour, day or month of its window', async () => {
  const f = async (metric: string, want: number) => {
    const window = '2026-06-15T10:00:00Z,2026-06-15T12:00:00Z';
    const { body } = await get(`/allocation?window=${window}&aggregate=namespace&costMetric=${metric}`);
    expect(body.data[0].shop.sharedCost, metric).toBe(want);
  };
  await f('cumulative', 1);
  await f('hourly', 0.5);
  await f('daily', 12);
  await f('monthly', 365);
});

describe('refusals', () => {
  test('are in their shape, and say what was expected', async () => {
    const f = async (query: string, words: string) => {
      const { status, body } = await get(`/allocation${query}`);
      expect(status, query).toBe(400);
      expect(body, query).toMatchObject({ code: 400, status: 'error', data: null });
      expect(body.message, query).toContain(words);
    };
    await f('', 'window is required');
    await f('?window=', 'window is required');
    await f('?window=bogus', 'cannot be read');
    await f('?window=1d&aggregate=bogus', 'there is no key');
    await f('?window=1d&filter=namespace:', 'at character');
    await f('?window=1d&includeIdle=perhaps', 'includeIdle must be true or false');
    await f('?window=1d&idle=perhaps', 'Error: idle must be true or false');
    await f('?window=1d&window=2d', 'window: is given 2 times: give it once');
    await f('?window=1d&shareCost=-1', 'shareCost must be an amount');
    await f('?window=1d&shareCost=NaN', 'shareCost must be an amount');
    await f('?window=1d&costMetric=weekly', 'costMetric must be one of');
    await f('?window=1d&format=pdf', 'format must be one of json, csv');
    await f('?window=1d&limit=-1', 'limit must be a whole number');
    await f('?window=1d&step=90s', 'whole hours');
  });

  test('nobody asks without a key; a key of one cluster asks about that cluster alone', async () => {
    expect((await get('/allocation?window=1d', {})).status).toBe(401);
    const bound = await server.key(await server.tenant(), ['read'], 'east');
    const { question } = await get('/allocation?window=1d', { 'x-api-key': bound });
    expect(question?.onlyCluster).not.toBeNull();
  });
});

test('a summary has the sets of a range, its step in nanoseconds, and fewer fields', async () => {
  const { body } = await get('/allocation/summary?window=2d&step=1d&aggregate=namespace');
  expect(body.data.step).toBe(DAY_MS * 1e6);
  expect(body.data.sets).toHaveLength(2);
  expect(body.data.window).toEqual({ start: '2026-06-14T00:00:00Z', end: '2026-06-16T00:00:00Z' });
  expect(Object.keys(body.data.sets[0].allocations.shop)).not.toContain('cpuCores');
  expect(body.data.sets[0].allocations.shop.totalCost).toBe(1.22346);
});

test('a page is of the dearest rows of each set', async () => {
  const names = async (page: string) =>
    Object.keys((await get(`/allocation?window=1d&aggregate=namespace&includeIdle=true&${page}`)).body.data[0]);
  expect(await names('')).toEqual(['shop', '__idle__']);
  expect(await names('limit=1')).toEqual(['shop']);
  expect(await names('limit=1&offset=1')).toEqual(['__idle__']);
  expect(await names('limit=0')).toEqual([]);
});

test('as CSV there are the columns of their export, then the other keys, and a line for each row', async () => {
  const url = '/allocation?window=1d&aggregate=namespace,label:app&includeIdle=true&format=csv';
  const response = await server.app.inject({ url, headers: { 'x-api-key': key } });
  expect(response.headers['content-type']).toBe('text/csv; charset=utf-8');
  const [header, ...lines] = response.body.trimEnd().split('\r\n');
  expect(header).toBe(
    'Date,Namespace,ControllerKind,ControllerName,Pod,Container,CPUCoreUsageAverage,CPUCoreRequestAverage,' +
      'RAMBytesUsageAverage,RAMBytesRequestAverage,NetworkReceiveBytes,NetworkTransferBytes,GPUs,PVBytes,CPUCost,RAMCost,' +
      'NetworkCost,PVCost,GPUCost,TotalCost,Label_app',
  );
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^2026-06-15,shop,,,,,0.25,1,/);
  expect(lines[0]).toContain(',0.12346,0.1,');
  expect(response.headers['content-disposition']).toContain('allocation.csv');
});

test('the process answers where probes of OpenCost look for it', async () => {
  for (const url of ['/healthz', '/model/healthz']) expect((await get(url, {})).status, url).toBe(200);
});
