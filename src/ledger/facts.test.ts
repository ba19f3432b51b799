import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { ledgerResources } from '../../test/support/resources.ts';
import type { FactAmounts, HourFact } from '../core/hour-facts.ts';
import { ratesOf } from '../core/price-rates.ts';
import type { SourceName } from '../core/samples.ts';
import { HOUR_MS } from '../lib/clock.ts';
import { parseMoney } from '../lib/money.ts';

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

/** What the ledger holds of one hour that is stated so, under a book that was corrected afterwards. */
async function resourcesOf(source: SourceName, facts: readonly HourFact[]): Promise<Record<string, string>> {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'facts');
  await lab.put({ tenant, cluster }, { source, containers: [], nodes: [], facts });
  await lab.roll();
  const stated = Object.fromEntries(await ledgerResources(lab, tenant));
  const rates = ratesOf(() => parseMoney('7'));
  const book = { base: 'default', rates, storageClasses: {}, rules: [], note: '', createdBy: 'test' } as const;
  await lab.prices.add(tenant, { ...book, clusterId: null, effectiveFrom: HOUR, createdAt: HOUR });
  await lab.roll();
  const repriced = Object.fromEntries(await ledgerResources(lab, tenant));
  if (source === 'kubecost') expect(repriced).toEqual(stated);
  return stated;
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

test('GPUs, traffic and external cost stay as they are stated, what was corrected of them included, whatever the book', async () => {
  const amounts = {
    ...stated(2, 0.25),
    gpu_ms: 2 * HOUR_MS,
    gpu_cost_pico: 4 * DOLLAR,
    gpu_cost_adjustment_pico: -0.5 * DOLLAR,
    network_cost_pico: 1 * DOLLAR,
    network_part_zone_pico: 0.25 * DOLLAR,
    network_part_region_pico: 0.125 * DOLLAR,
    network_part_internet_pico: 0.5 * DOLLAR, // an eighth more is stated, and not whereto
    network_cost_adjustment_pico: 0.0625 * DOLLAR,
    external_cost_pico: 3 * DOLLAR,
  };
  expect(await resourcesOf('kubecost', [fact('a/web', amounts)])).toEqual({
    'a gpu': '3.5',
    'a gpu-adjustment': '-0.5',
    'a cpu-adjustment': '0.25',
    'a zone': '0.25',
    'a region': '0.125',
    'a internet': '0.6875',
    'a network-adjustment': '0.0625',
    'a external': '3',
  });
});

test('a GPU that is stated and not priced costs what the book says', async () => {
  const node = { cpu_capacity_ucs: CORE_HOUR, ram_capacity_bs: 1, gpu_capacity_ms: 2 * HOUR_MS };
  const facts = [
    fact('ml/train', { gpu_usage_ms: HOUR_MS / 2, gpu_request_ms: HOUR_MS }, { kind: 'pod', container: '' }),
    fact('', node, { kind: 'node' }),
  ];
  expect(await resourcesOf('koku', facts)).toEqual({ 'ml gpu': '0.95', '__idle__ gpu': '0.95' });
});

test('GPUs of an operator’s report are held by the pods that it names, slices by their part, and cost their nodes what they cost', async () => {
  const pod = { kind: 'pod', container: '' } as const;
  const gpu = (of: string, name: string, profile: string, runMs: number) => {
    const texts = { gpu_uuid: name, ...(profile === '' ? {} : { mig_profile: profile }) };
    return fact(of, { run_ms: runMs, gpu_slices_max_micro: 7e6 }, { kind: 'gpu', container: '', name, texts });
  };
  const facts = [
    fact('', { cpu_capacity_ucs: CORE_HOUR, ram_capacity_bs: 1 }, { kind: 'node' }),
    fact('ml/whole', { cpu_request_ucs: 0 }, pod),
    fact('lab/slice', { cpu_request_ucs: 0 }, pod),
    fact('shop/web', { cpu_request_ucs: 0 }, pod),
    gpu('ml/whole', 'GPU-1', '', HOUR_MS),
    gpu('lab/slice', 'GPU-2', '3g.20gb', HOUR_MS / 2),
  ];
  // Two GPUs at 0.95: 1.90. One of them whole; of the other three sevenths for half an hour, 771.428 of 3,600 seconds.
  expect(await resourcesOf('koku', facts)).toEqual({
    'ml gpu': '0.95',
    'lab gpu': '0.203571277777',
    '__idle__ gpu': '0.746428722223',
  });
});

test('GPUs and bytes that nobody can have spoil neither their hour nor their neighbours', async () => {
  const pod = { kind: 'pod', container: '' } as const;
  const most = Number.MAX_SAFE_INTEGER;
  const leaps = { gpu_ms: most, gpu_usage_ms: most, network_internet_sent_bytes: most, cpu_usage_ucs: CORE_HOUR };
  const facts = [
    fact('', { cpu_capacity_ucs: CORE_HOUR, ram_capacity_bs: 1, gpu_capacity_ms: HOUR_MS }, { kind: 'node' }),
    fact('odd/pod', leaps, pod),
    fact('ml/train', { gpu_request_ms: HOUR_MS }, pod),
  ];
  expect(await resourcesOf('koku', facts)).toEqual({
    'ml gpu': '0.95',
    'odd gpu': '9500',
    'odd internet': '999999',
    '__overcommit__ gpu': '-9500',
  });
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
