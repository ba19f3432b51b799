import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { NO_AMOUNTS, NO_TRAFFIC } from '../../core/allocation/amounts.ts';
import { NO_COSTS, NO_IDLE } from '../../core/allocation/costs.ts';
import { DAY_MS } from '../../lib/clock.ts';
import { parseMoney, ZERO } from '../../lib/money.ts';
import type { AllocationQuestion, AllocationRow } from '../../queries/allocations.ts';

const NOW = Date.UTC(2026, 5, 15, 12);
const START = Date.UTC(2026, 5, 13);
const NAMES = ['a', 'b', 'c', '=d'];
const asked: AllocationQuestion[] = [];
let server: TestServer;
let key: string;

const row = (name: string, cpu: string, more: Partial<AllocationRow> = {}): AllocationRow => ({
  kind: 'allocation',
  values: [name],
  common: { cluster: '', namespace: '', controllerKind: '', controller: '' },
  labels: {},
  start: START,
  end: START + DAY_MS,
  amounts: { ...NO_AMOUNTS, cpuCoreSeconds: 3_600, cpuRequestCoreSeconds: 3_600, cpuUsageCoreSeconds: 1_800 },
  adjustments: NO_COSTS,
  traffic: NO_TRAFFIC,
  costs: { ...NO_COSTS, cpu: parseMoney(cpu) },
  idle: NO_IDLE,
  shared: ZERO,
  ...more,
});

/** On day n, `a` costs n + 1 dollars, `b` 2, `c` 0.1, `=d` a picodollar; and there is some idle and overcommitment. */
beforeAll(async () => {
  const rowsOf = (day: number) => [
    row('a', String(day + 1)),
    row('b', '2'),
    row('c', '0.1'),
    row('=d', '0.000000000001'),
    row('', '0.5', { kind: 'idle', values: [] }),
    row('', '-0.25', { kind: 'overcommit', values: [] }),
  ];
  const coverage = { hours_asked: 1, hours_covered: 1, ratio: 1, clusters: [] };
  const currency = 'USD';
  const allocations = {
    sets: async (question: AllocationQuestion) => {
      asked.push(question);
      return {
        sets: question.sets.map((window, day) => ({ window, rows: day === 1 ? [] : rowsOf(day) })),
        coverage,
        currency,
      };
    },
  };
  const plan = { dayFrom: '', dayTo: '', exceptions: [], unsummed: [] };
  const look = { stamp: 'the same', view: { stamp: '', clusters: new Set<string>(), coverage: new Map(), plan } };
  const evidence = { look: async () => look, coverageBySet: async () => [1, 0, 0.5] };
  server = await startTestServer({ deps: { allocations, evidence, clock: { now: () => NOW } } });
  key = await server.key(await server.tenant(), ['read']);
});
afterAll(() => server.close());

const DAYS = 'window=2026-06-13,2026-06-16';

async function send(url: string) {
  const response = await server.app.inject({ url: `/v1/allocations${url}`, headers: { 'x-api-key': key } });
  return { status: response.statusCode, headers: response.headers, text: response.body, bytes: response.rawPayload };
}

interface Shown {
  readonly name: string;
  readonly kind: string;
  readonly cost: { readonly total: string };
}

async function rowsOf(query: string): Promise<{ total: string; rows: [string, string][]; count: number }> {
  const { text } = await send(`?${DAYS}&${query}`);
  const { total, sets } = JSON.parse(text);
  const rows = sets[0].allocations.map((one: Shown): [string, string] => [one.name, one.cost.total]);
  return { total: total.total, rows, count: sets[0].rows };
}

describe('the dearest and the rest', () => {
  test('the rest is one row after the others, and the total is what it was', async () => {
    const all = await rowsOf('');
    const top = await rowsOf('top=2');
    expect(top.rows).toEqual([
      ['b', '2'],
      ['a', '1'],
      ['__idle__', '0.5'],
      ['__overcommit__', '-0.25'],
      ['__other__', '0.100000000001'],
    ]);
    expect(top).toMatchObject({ total: all.total, count: 5 });
    expect((await rowsOf('top=4')).rows).toHaveLength(6);
    expect((await rowsOf('top=2&sort=name')).rows.map(([name]) => name)).toEqual([
      '__idle__',
      '__overcommit__',
      'a',
      'b',
      '__other__',
    ]);
  });

  test('a page of them makes no sense and is refused', async () => {
    for (const query of ['top=2&offset=1', 'top=20&limit=10', 'top=0', 'top=501', 'top=x']) {
      const { status, text } = await send(`?${DAYS}&${query}`);
      expect(status, query).toBe(400);
      expect(text, query).toMatch(/offset|limit|top/);
    }
  });
});

test('a rate is of the hours of the set that have passed; that of the total of those of the window', async () => {
  const f = async (metric: string, want: { total: string; first: string; last: string }) => {
    const { text } = await send(`?${DAYS}&step=1d&costMetric=${metric}`);
    const { total, sets, cost_metric } = JSON.parse(text);
    expect(cost_metric).toBe(metric);
    const costOf = (set: number) => sets[set].allocations.find(({ name }: Shown) => name === 'b').cost.total;
    expect({ total: total.total, first: costOf(0), last: costOf(2) }, metric).toEqual(want);
  };
  await f('cumulative', { total: '8.700000000002', first: '2', last: '2' });
  await f('hourly', { total: '0.145', first: '0.083333333333', last: '0.166666666667' });
  await f('daily', { total: '3.480000000001', first: '2', last: '4' });
  await f('monthly', { total: '105.850000000024', first: '60.833333333333', last: '121.666666666667' });
});

test('whoever has the answer, or asks for its headers alone, is not sent it', async () => {
  const url = `/v1/allocations?${DAYS}`;
  const headers = { 'x-api-key': key };
  const head = await server.app.inject({ method: 'HEAD', url, headers });
  expect(head).toMatchObject({ statusCode: 200, body: '', headers: { etag: expect.stringMatching(/^W\/"/) } });
  asked.length = 0;
  const known = { ...headers, 'if-none-match': String(head.headers.etag) };
  expect(await server.app.inject({ url, headers: known })).toMatchObject({ statusCode: 304, body: '' });
  expect(asked).toEqual([]); // known without being computed
});

test('a summary has the rows of the whole without their amounts', async () => {
  const whole = JSON.parse((await send(`?${DAYS}&step=1d`)).text);
  const { sets, ...rest } = JSON.parse((await send(`/summary?${DAYS}&step=1d`)).text);
  expect(rest).toEqual({ ...whole, sets: undefined });
  expect(sets[0].allocations[0]).toEqual({
    name: 'b',
    kind: 'allocation',
    keys: { namespace: 'b' },
    start: '2026-06-13T00:00:00.000Z',
    end: '2026-06-14T00:00:00.000Z',
    efficiency: { cpu: 0.5, ram: 0, gpu: 0, total: 0.5 },
    cost: whole.sets[0].allocations[0].cost,
  });
});

test('a series has a number for each step, and a gap where nothing is known', async () => {
  const { text } = await send(`/timeseries?${DAYS}&top=2`);
  const answer = JSON.parse(text);
  expect(answer).toMatchObject({
    total: '8.700000000002',
    steps: ['2026-06-13T00:00:00.000Z', '2026-06-14T00:00:00.000Z', '2026-06-15T00:00:00.000Z'],
    step_coverage: [1, 0, 0.5],
    step_total: ['3.350000000001', null, '5.350000000001'],
  });
  expect(answer.series.map(({ name, cost }: { name: string; cost: unknown }) => [name, cost])).toEqual([
    ['a', ['1', null, '3']],
    ['b', ['2', null, '2']],
    ['__other__', ['0.100000000001', null, '0.100000000001']],
    ['__idle__', ['0.5', null, '0.5']],
    ['__overcommit__', ['-0.25', null, '-0.25']],
  ]);
  expect((await send('/timeseries?window=3d')).status).toBe(200);
  expect(asked.at(-1)?.sets).toHaveLength(3); // days, when not asked otherwise
  expect((await send('/timeseries?window=3d&step=1d&accumulate=day')).text).toContain('not both');
});

describe('formats', () => {
  test('CSV is the same by its own route and as a format', async () => {
    const [own, format] = [await send(`.csv?${DAYS}`), await send(`?${DAYS}&format=csv`)];
    expect(format.text).toBe(own.text);
    expect(format.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8' });
    expect(format.headers['content-disposition']).toContain('allocations.csv');
    expect((await send(`?${DAYS}&format=pdf`)).status).toBe(400);
  });

  test('Arrow reads back as the rows, with the costs as exact decimals', async () => {
    const { bytes, headers } = await send(`?${DAYS}&step=1d&sort=name&format=arrow`);
    expect(headers['content-type']).toBe('application/vnd.apache.arrow.stream');
    const table = tableFromIPC(bytes);
    expect(table.schema.fields.map(({ name }) => name)).toEqual(
      (await send(`.csv?${DAYS}`)).text.split('\r\n', 1)[0]?.split(','),
    );
    expect(String(table.getChild('total_cost')?.type)).toBe('Decimal[38e+12]');
    const rows = table
      .toArray()
      .map((one) => [
        Number(one.set_start),
        one.name,
        one.kind,
        one.namespace,
        one.cpu_core_hours,
        BigInt(one.total_cost.toString()),
      ]);
    const day = [
      [START, '=d', 'allocation', '=d', 1, 1n],
      [START, '__idle__', 'idle', '', 1, 500_000_000_000n],
      [START, '__overcommit__', 'overcommit', '', 1, -250_000_000_000n],
      [START, 'a', 'allocation', 'a', 1, 1_000_000_000_000n],
      [START, 'b', 'allocation', 'b', 1, 2_000_000_000_000n],
      [START, 'c', 'allocation', 'c', 1, 100_000_000_000n],
    ];
    expect(rows.slice(0, 6)).toEqual(day);
    expect(rows).toHaveLength(12);
    expect(NAMES.every((name) => rows.some((one) => one.includes(name)))).toBe(true);
  });

  test('Arrow without rows still tells its columns', async () => {
    const { bytes } = await send('?window=2026-06-13,2026-06-14&offset=1000&format=arrow');
    const table = tableFromIPC(bytes);
    expect([table.numRows, table.numCols]).toEqual([0, 29]);
  });
});
