import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import type { FactAmounts, HourFact } from '../core/hour-facts.ts';
import type { SourceName } from '../core/samples.ts';
import { HOUR_MS } from '../lib/clock.ts';

/** What the ledger makes of hours that are stated, not sampled. */

const HOUR = Date.UTC(2026, 0, 5, 10);
const DOLLAR = 1e12;
const CORE_HOUR = 3_600 * 1e6;

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

function fact(name: string, amounts: FactAmounts, more: Partial<HourFact> = {}): HourFact {
  const [namespace = '', pod = ''] = name.split('/');
  return {
    kind: 'container',
    hour: HOUR,
    statedAt: HOUR + 2 * HOUR_MS,
    node: 'n1',
    namespace,
    pod,
    container: pod === '' ? '' : 'app',
    name: '',
    amounts,
    texts: {},
    labels: {},
    ...more,
  };
}

/** Delivers each list of facts in turn, and answers what each namespace costs. */
async function costsOf(
  source: SourceName,
  deliveries: readonly (readonly HourFact[])[],
): Promise<Record<string, string>> {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'facts');
  for (const facts of deliveries) {
    await lab.put({ tenant, cluster }, { source, containers: [], nodes: [], facts });
    await lab.roll();
  }
  const { costs } = await lab.costs.namespaces({ tenant, start: HOUR, end: HOUR + HOUR_MS }, { limit: 100, offset: 0 });
  return Object.fromEntries(costs.map(({ namespace, cost }) => [namespace, cost.total]));
}

const stated = (cpu: number, adjustment = 0) => ({
  cpu_ucs: CORE_HOUR,
  cpu_cost_pico: cpu * DOLLAR,
  cpu_cost_adjustment_pico: adjustment * DOLLAR,
  ram_cost_pico: 0,
});

test('a cost that its source states stays as it is stated, adjustments with it, idle with the rest', async () => {
  const facts = [fact('a/web', stated(2, -0.5)), fact('b/api', stated(1)), fact('__idle__/', stated(4))];
  expect(await costsOf('kubecost', [facts])).toEqual({ __idle__: '4', a: '1.5', b: '1' });
});

test('a cost that is stated of something that ran for no time is a cost', async () => {
  const nothing = { run_ms: 0, cpu_ucs: 0, cpu_usage_ucs: 0, cpu_cost_pico: 0, cpu_cost_adjustment_pico: 2 * DOLLAR };
  expect(await costsOf('kubecost', [[fact('a/web', stated(1)), fact('b/api', nothing)]])).toEqual({ a: '1', b: '2' });
});

test('what the newest statement of a whole hour leaves out is taken back, whichever came first', async () => {
  const first = [fact('a/web', stated(2)), fact('gone/pod', stated(7))];
  const second = [fact('a/web', stated(3), { statedAt: HOUR + 9 * HOUR_MS })];
  expect(await costsOf('kubecost', [first, second])).toEqual({ a: '3' });
  expect(await costsOf('kubecost', [second, first])).toEqual({ a: '3' });
});

test('reports of an operator add to each other: one that tells of other pods takes nothing back', async () => {
  const pod = { kind: 'pod', container: '' } as const;
  const held = { cpu_usage_ucs: CORE_HOUR, ram_usage_bs: 0 };
  const node = fact(
    '',
    { cpu_capacity_ucs: 4 * CORE_HOUR, ram_capacity_bs: 2 ** 42, cpu_capacity_ucores: 4e6 },
    { kind: 'node' },
  );
  const one = [fact('a/web', held, pod), node];
  const two = [fact('b/api', held, { ...pod, statedAt: HOUR + 9 * HOUR_MS })];
  const costs = await costsOf('koku', [one, two]);
  expect(costs['a']).toBe(costs['b']);
  expect(Object.keys(costs).sort()).toEqual(['__idle__', 'a', 'b']);
});

test('a pod is charged for the greater of what it used and asked for, where its source does not say', async () => {
  const pod = { kind: 'pod', container: '' } as const;
  const costs = await costsOf('koku', [
    [
      fact('used/pod', { cpu_usage_ucs: 2 * CORE_HOUR, cpu_request_ucs: CORE_HOUR }, pod),
      fact('asked/pod', { cpu_request_ucs: 2 * CORE_HOUR }, pod),
    ],
  ]);
  expect(costs['used']).toBe(costs['asked']);
  expect(Number(costs['used'])).toBeGreaterThan(0);
});
