import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { NO_AMOUNTS, NO_TRAFFIC } from '../core/allocation/amounts.ts';
import { NO_COSTS, NO_IDLE } from '../core/allocation/costs.ts';
import { AppError } from '../lib/errors.ts';
import { parseMoney, ZERO } from '../lib/money.ts';
import type { AllocationQuestion, AllocationRow } from '../queries/allocations.ts';
import { runCli } from './program.ts';

const NOW = Date.UTC(2026, 5, 15, 12);
const clock = { now: () => NOW };
const away = async (): Promise<never> => {
  throw new AppError('store_unavailable', 'not opened in this test');
};

let server: TestServer;
let key: string;

const row = (name: string, cpu: string, kind: AllocationRow['kind'] = 'allocation'): AllocationRow => ({
  kind,
  values: kind === 'allocation' ? [name] : [],
  common: { cluster: '', namespace: '', controllerKind: '', controller: '' },
  labels: {},
  start: NOW,
  end: NOW,
  amounts: { ...NO_AMOUNTS, cpuRequestCoreSeconds: 2, cpuUsageCoreSeconds: 1 },
  costs: { ...NO_COSTS, cpu: parseMoney(cpu) },
  adjustments: NO_COSTS,
  traffic: NO_TRAFFIC,
  idle: NO_IDLE,
  shared: ZERO,
});

beforeAll(async () => {
  const rows = [row('shop', '3'), row('data', '1.5'), row('', '0.25'), row('', '1', 'idle')];
  const coverage = { hours_asked: 24, hours_covered: 24, ratio: 1, clusters: [] };
  const allocations = {
    sets: async ({ sets, currency = 'USD' }: Pick<AllocationQuestion, 'sets' | 'currency'>) => ({
      sets: sets.map((window) => ({ window, rows })),
      coverage,
      currency,
    }),
  };
  server = await startTestServer({ deps: { clock, allocations } });
  key = await server.key(await server.tenant(), ['read']);
});
afterAll(() => server.close());

const run = (...argv: string[]) => runReport('allocations', ...argv);

async function runReport(...argv: string[]) {
  let out = '';
  let err = '';
  const io = { out: (text: string) => (out += text), err: (text: string) => (err += text), color: false };
  const verbs = { openAdministration: away, migrate: away, serve: away, serveDemo: away, collect: away, agent: away };
  const deps = { io, clock, openCosts: away, ...verbs, stopWish: async () => {} };
  const code = await runCli(['report', ...argv], deps);
  return { code, out, err };
}
const remote = () => ['--server', server.url, '--key', key];

test('a table has what was paid for, the dearest first, and the total of all rows', async () => {
  const { out, err, code } = await run('--window', 'yesterday', ...remote());
  expect({ err, code }).toEqual({ err: '', code: 0 });
  expect(out.split('\n').slice(0, 6)).toEqual([
    'namespace         CPU   RAM  Total  Efficiency',
    'shop             3.00  0.00   3.00      50.0 %',
    'data             1.50  0.00   1.50      50.0 %',
    '__idle__         1.00  0.00   1.00           –',
    '__unallocated__  0.25  0.00   0.25      50.0 %',
    'Total            5.75  0.00   5.75',
  ]);
});

test('the dearest and the rest, steps and rates are as asked', async () => {
  const { out } = await run(
    '-w',
    '2026-06-13,2026-06-15',
    '--step',
    '1d',
    '--top',
    '1',
    '--cost-metric',
    'monthly',
    ...remote(),
  );
  expect(out).toContain('From');
  expect(out.match(/__other__/g)).toHaveLength(2);
  expect(out).toContain('costs are a month of 730 hours');
  const csv = await run('-w', 'yesterday', '--format', 'csv', '-a', 'all', ...remote());
  expect(csv.out.split('\r\n')[0]).toBe('name,cpu_cost,ram_cost,total_cost,efficiency,currency');
});

test('a table says once what its costs are in, and a file on each line', async () => {
  const inEuros = async (...more: string[]) =>
    (await run('-w', 'yesterday', '--currency', 'eur', ...more, ...remote())).out;
  const table = await inEuros('--cost-metric', 'daily');
  expect(table).toContain('to 2026-06-15T00:00:00.000Z, EUR\n');
  expect(table).toContain('costs are a day\n');
  expect(table.match(/EUR/g)).toHaveLength(1);
  expect(table).not.toContain('dollars');
  expect((await run('-w', 'yesterday', ...remote())).out).toContain('Z, US dollars\n');
  const [header, ...lines] = (await inEuros('--format', 'csv')).trimEnd().split('\r\n');
  expect(header).toMatch(/,currency$/);
  expect(lines.map((line) => line.split(',').at(-1))).toEqual(['EUR', 'EUR', 'EUR', 'EUR']);
});

test('what is wrong is told', async () => {
  const f = async (argv: string[], code: number, said: RegExp) => {
    const ran = await run(...argv);
    expect(ran.err + ran.out, argv.join(' ')).toMatch(said);
    expect(ran.code, argv.join(' ')).toBe(code);
  };
  await f([], 2, /asked of a server/);
  await f(['--idle', 'perhaps', ...remote()], 2, /Allowed choices are keep, hide, share/);
  await f(['--filter', 'pod:', ...remote()], 1, /at character/);
  await f(['--currency', 'euros', ...remote()], 1, /three letters/);
  await f(['--aggregate', 'nmespace', ...remote()], 1, /did you mean namespace/);
  expect((await runReport('--limit', '5', 'allocations', ...remote())).err).toContain(
    'put --limit after "allocations"',
  );
});
