import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { V1_FILTERS } from '../../contracts/question.ts';
import { NO_AMOUNTS, NO_TRAFFIC } from '../../core/allocation/amounts.ts';
import { NO_COSTS, NO_IDLE } from '../../core/allocation/costs.ts';
import { parseFilter } from '../../core/filter/parser.ts';
import { V1_FILTER_PARAMS } from '../../core/filter/v1-params.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { parseMoney, ZERO } from '../../lib/money.ts';
import type { AllocationQuestion, AllocationRow } from '../../queries/allocations.ts';

const NOW = Date.UTC(2026, 5, 15, 12, 30);
const asked: AllocationQuestion[] = [];
let server: TestServer;
let key: string;

const row = (name: string, cpu: string, more: Partial<AllocationRow> = {}): AllocationRow => ({
  kind: 'allocation',
  values: [name],
  common: { cluster: '', namespace: '', controllerKind: '', controller: '' },
  labels: {},
  start: NOW - HOUR_MS,
  end: NOW,
  amounts: {
    ...NO_AMOUNTS,
    cpuCoreSeconds: 3_600,
    cpuRequestCoreSeconds: 3_600,
    cpuUsageCoreSeconds: 7_200,
    ramByteSeconds: 0,
    ramRequestByteSeconds: 0,
    ramUsageByteSeconds: 0,
    networkReceivedBytes: 0,
    networkSentBytes: 0,
  },
  costs: { ...NO_COSTS, cpu: parseMoney(cpu) },
  adjustments: NO_COSTS,
  traffic: NO_TRAFFIC,
  idle: NO_IDLE,
  shared: ZERO,
  ...more,
});

/** The same rows in each set, whatever is asked: some of equal cost, and one that a spreadsheet would run. */
beforeAll(async () => {
  const rows = [
    row('b', '0.1'),
    row('=cmd', '0.1'),
    row('', '0.000000000001'),
    row('', '2', { kind: 'idle', values: [] }),
  ];
  const allocations = {
    sets: async (question: AllocationQuestion) => {
      asked.push(question);
      const coverage = { hours_asked: 1, hours_covered: 1, ratio: 1, clusters: [] };
      return { sets: question.sets.map((window) => ({ window, rows })), coverage, currency: 'USD' };
    },
  };
  server = await startTestServer({ deps: { allocations, clock: { now: () => NOW } } });
  key = await server.key(await server.tenant(), ['read']);
});
afterAll(() => server.close());

async function get(url: string) {
  asked.length = 0;
  const response = await server.app.inject({ url, headers: { 'x-api-key': key } });
  return { status: response.statusCode, text: response.body, question: asked[0] };
}

async function names(query: string): Promise<string[]> {
  const { text } = await get(`/v1/allocations${query}`);
  return JSON.parse(text).sets[0].allocations.map(({ name }: { name: string }) => name);
}

test('without a word it is the last seven days by namespace, dearest first, with idle, exact and with coverage', async () => {
  const { text, question } = await get('/v1/allocations');
  expect(question).toMatchObject({ idle: 'keep', idleBy: 'cluster', splitIdle: false, filter: { kind: 'all' } });
  expect(question?.keys).toEqual([{ kind: 'text', property: 'namespace' }]);
  expect(question?.sets).toEqual([{ start: Date.UTC(2026, 5, 9), end: Date.UTC(2026, 5, 16) }]);
  const answer = JSON.parse(text);
  expect(answer).toMatchObject({
    aggregate: ['namespace'],
    coverage: { ratio: 1 },
    total: { total: '2.200000000001' },
  });
  expect(answer.sets[0]).toMatchObject({ rows: 4, total: { cpu: '2.200000000001' } });
  expect(answer.sets[0].allocations[1]).toMatchObject({
    name: '=cmd',
    keys: { namespace: '=cmd' },
    cpu_core_hours: 1,
    efficiency: { cpu: 2, ram: 0, total: 2 },
    cost: { cpu: '0.1', total: '0.1' },
  });
  expect(answer.sets[0].allocations[0]).toMatchObject({ name: '__idle__', keys: {}, efficiency: { cpu: null } });
});

test('rows are in one order, so that pages never overlap', async () => {
  expect(await names('')).toEqual(['__idle__', '=cmd', 'b', '__unallocated__']);
  expect(await names('?sort=name')).toEqual(['=cmd', '__idle__', '__unallocated__', 'b']);
  expect([...(await names('?limit=2')), ...(await names('?limit=2&offset=2'))]).toEqual(await names(''));
});

test('a window falls into the sets that are asked for, in the days of a zone', async () => {
  const f = async (query: string, want: number) =>
    expect((await get(`/v1/allocations?${query}`)).question?.sets, query).toHaveLength(want);
  await f('window=7d', 1);
  await f('window=7d&step=1d', 7);
  await f('window=2026-03-28,2026-03-30&step=1h&zone=Europe/Berlin', 47); // clocks go forward
  await f('window=2026-01-01,2026-04-01&accumulate=month', 3);
});

test('every parameter of v1 filters as the language of v2 does', async () => {
  expect(Object.keys(V1_FILTERS).toSorted()).toEqual(V1_FILTER_PARAMS.toSorted());
  const f = async (v1: string, v2: string) => {
    for (const url of [
      '/v1/allocations',
      '/v1/allocations.csv',
      '/v1/allocations/summary',
      '/v1/allocations/timeseries',
    ]) {
      const { question, status } = await get(`${url}?${v1}`);
      expect(status, url).toBe(200);
      expect(question?.filter, url).toEqual(parseFilter(v2));
    }
  };
  await f('filterNamespaces=shop', 'namespace:"shop"');
  await f('filterNamespaces=shop,data&filterTeams=', 'namespace:"shop","data"');
  await f('filterLabels=app:web', 'label[app]:"web"');
});

describe('refusals name the field', () => {
  test.each([
    ['filter=namespace:"a"&filterPods=b', 'filterPods'],
    ['filterLabels=app', 'filterLabels'],
    ['nosuch=1', 'nosuch'],
    ['window=bogus', 'window'],
    ['window=2026-01-02,2026-01-01', 'reversed'],
    ['zone=Mars', 'time zone'],
    ['aggregate=nmespace', 'did you mean namespace'],
    ['filter=namespace:"a"namespace', 'at character'],
    ['step=90m', 'whole hours'],
    ['step=1d&accumulate=day', 'not both'],
    ['accumulate=fortnight', 'accumulate'],
    ['idle=perhaps', 'idle'],
    ['shareIdle=even', 'idle=share'],
    ['idle=share&shareIdle=odd', 'shareIdle'],
    ['shareCost=-1', 'shareCost'],
    ['shareCost=1e3', 'decimal number'],
    ['shareLabels=app', 'expected name:value'],
    ['limit=0', 'limit'],
    ['limit=50001', '50000'],
    ['limit=1e3', 'limit: must be a whole number'],
    ['limit=0x10', 'limit: must be a whole number'],
    ['limit=%205', 'limit: must be a whole number'],
    ['offset=1.5', 'offset: must be a whole number'],
    ['top=', 'top: must be a whole number'],
  ])('%s', async (query, words) => {
    const { status, text } = await get(`/v1/allocations?${query}`);
    expect(status).toBe(400);
    expect(text).toContain(words);
  });
});

test('as CSV there is a line for each row, and no name runs in a spreadsheet', async () => {
  const { text } = await get('/v1/allocations.csv?aggregate=namespace');
  const lines = text.split('\r\n');
  expect(lines[0]).toMatch(/^set_start,set_end,name,kind,namespace,cpu_core_hours,.*,shared_cost,total_cost,currency$/);
  expect(lines).toHaveLength(6);
  expect(lines[2]).toContain(",'=cmd,allocation,'=cmd,1,1,2,");
});
