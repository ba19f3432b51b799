import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LedgerVolume, ledgerBalancers, ledgerVolumes } from '../../test/support/attachments.ts';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import type { FactAmounts, HourFact } from '../core/hour-facts.ts';
import { BOOK_RATES } from '../core/price-books.ts';
import { ratesOf } from '../core/price-rates.ts';
import type { SampleBatch, VolumeSample } from '../core/samples.ts';
import { type LabelSet, toSeries } from '../core/series.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import { parseMoney, ZERO } from '../lib/money.ts';

/** What the ledger holds of volumes and load balancers, beside what the golden cases say. */

const HOUR = Date.UTC(2026, 0, 5, 10);
const GIB = 2 ** 30;
const DOLLAR = 1e12;
/** Book: a cent per GiB and hour. */
const CENT = parseMoney('0.01');

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

interface Target {
  readonly tenant: string;
  readonly cluster: string;
}

async function target(): Promise<Target> {
  const tenant = await lab.tenant();
  await priceStorage(tenant, CENT);
  return { tenant, cluster: await lab.cluster(tenant, 'attachments') };
}

async function priceStorage(tenant: string, storageGibHour: typeof CENT): Promise<void> {
  await lab.prices.add(tenant, {
    clusterId: null,
    effectiveFrom: HOUR - HOUR_MS,
    base: 'default',
    rates: { ...ratesOf(() => ZERO), balancerHour: BOOK_RATES.default.balancerHour, storageGibHour },
    storageClasses: {},
    rules: [],
    note: 'test',
    createdAt: HOUR,
    createdBy: 'test',
  });
}

async function deliver(to: Target, ...batches: readonly SampleBatch[]): Promise<void> {
  for (const batch of batches) await lab.put(to, batch);
  await lab.roll();
}

async function costs({ tenant }: Target): Promise<Record<string, string>> {
  const nameOf = ({ namespace, claim, volume, pod }: LedgerVolume) => [namespace, claim || volume, pod].join('/');
  return Object.fromEntries((await ledgerVolumes(lab, tenant)).map((row) => [nameOf(row), row.cost]));
}

function stated(facts: readonly HourFact[], source: 'koku' | 'kubecost'): SampleBatch {
  return { source, containers: [], nodes: [], facts };
}

function fact(kind: HourFact['kind'], name: string, amounts: FactAmounts, more: Partial<HourFact> = {}): HourFact {
  const at = { hour: HOUR, statedAt: HOUR + 2 * HOUR_MS, node: 'n1', namespace: 'db', pod: 'pg-0', container: 'pg' };
  return { kind, ...at, name, amounts, texts: {}, labels: {}, ...more };
}

const ran = { run_ms: HOUR_MS, cpu_ucs: 0, ram_bs: 0, cpu_cost_pico: 0, ram_cost_pico: 0 };

/** One source's word, once a minute through the hour. */
function minutes(
  source: SampleBatch['source'],
  at: (at: number) => Partial<Pick<SampleBatch, 'containers' | 'nodes' | 'volumes'>>,
): SampleBatch {
  const posts = Array.from({ length: 60 }, (_, minute) => {
    const instant = HOUR + minute * MINUTE_MS;
    const nodes = [nodeSample({ at: instant, node: 'n1', cpuCapacity: 4e9, memoryCapacity: GIB })];
    return { containers: [], nodes, volumes: [], ...at(instant) };
  });
  return {
    source,
    containers: posts.flatMap(({ containers }) => containers),
    nodes: posts.flatMap(({ nodes }) => nodes),
    volumes: posts.flatMap(({ volumes }) => volumes),
  };
}

function volume(at: number, more: Partial<VolumeSample> = {}): VolumeSample {
  const names = { namespace: 'db', claim: 'data', volume: 'pv-1', storageClass: '', providerId: '' };
  return { at, ...names, capacity: 100 * GIB, request: null, usage: null, pods: ['pg-0'], labels: {}, ...more };
}

function points(series: readonly (readonly [LabelSet, number])[]): SampleBatch {
  const node: LabelSet = { __name__: 'kube_node_status_capacity', node: 'n1', resource: 'cpu', unit: 'core' };
  const all = [...series, [node, 4] as const];
  const told = Array.from({ length: 60 }, (_, minute) =>
    all.map(([labels, value]) => ({ series: toSeries(labels), at: HOUR + minute * MINUTE_MS, value })),
  ).flat();
  return {
    source: 'remote-write',
    containers: [],
    nodes: [],
    points: {
      series: all.map(([labels]) => toSeries(labels)),
      ids: BigUint64Array.from(told, (it) => it.series.id),
      ats: BigInt64Array.from(told, ({ at }) => BigInt(at)),
      values: Float64Array.from(told, ({ value }) => value),
    },
  };
}

describe('volumes that are stated', () => {
  test('what a source says that a pod paid stays as it says, adjustments with it, whatever the book', async () => {
    const to = await target();
    const cost = { capacity_bytes: 50 * GIB, pv_cost_pico: 2 * DOLLAR, pv_cost_adjustment_pico: -DOLLAR / 2 };
    const nobodys = { pod: '__unmounted__', container: '__unmounted__' };
    const rest = { capacity_bytes: 50 * GIB, pv_cost_pico: DOLLAR };
    await deliver(
      to,
      stated(
        [fact('container', '', ran), fact('storage', 'pv-1', cost), fact('storage', 'pv-1', rest, nobodys)],
        'kubecost',
      ),
    );
    expect(await costs(to)).toEqual({ 'db/pv-1/pg-0': '1.5', 'db/pv-1/': '1' });
    await priceStorage(to.tenant, parseMoney('7'));
    await lab.roll();
    expect(await costs(to)).toEqual({ 'db/pv-1/pg-0': '1.5', 'db/pv-1/': '1' });
  });

  test('what the newest statement leaves out is taken back, whichever came first', async () => {
    const priced = { capacity_bytes: GIB, pv_cost_pico: DOLLAR };
    const later = { statedAt: HOUR + 9 * HOUR_MS };
    const first = stated(
      [fact('container', '', ran), fact('storage', 'old', priced), fact('storage', 'kept', priced)],
      'kubecost',
    );
    const second = stated([fact('container', '', ran, later), fact('storage', 'kept', priced, later)], 'kubecost');
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const to = await target();
      for (const batch of order) await deliver(to, batch);
      expect(await costs(to)).toEqual({ 'db/kept/pg-0': '1' });
    }
  });

  test('an operator that reports a claim for each of its pods means one claim, and they share it', async () => {
    const to = await target();
    const held = { capacity_bs: 100 * GIB * 3_600, request_bs: 0 };
    const claim = (pod: string) =>
      fact('storage', 'data', held, { pod, container: '', texts: { persistent_volume: 'pv-1' } });
    const node = fact(
      'node',
      '',
      { cpu_capacity_ucs: 1, ram_capacity_bs: 1 },
      { namespace: '', pod: '', container: '' },
    );
    await deliver(to, stated([node, claim('a'), claim('b')], 'koku'));
    expect(await costs(to)).toEqual({ 'db/data/a': '0.5', 'db/data/b': '0.5' });
  });

  test('balancers that pods are stated to pay for are paid for by their services', async () => {
    const to = await target();
    const lb = (cents: number) => ({ ...ran, lb_cost_pico: (cents * DOLLAR) / 100 });
    const texts = { services: 'front' };
    await deliver(
      to,
      stated([fact('container', '', lb(1), { texts }), fact('container', '', lb(2), { texts, pod: 'b' })], 'kubecost'),
    );
    const [balancer, ...more] = await ledgerBalancers(lab, to.tenant);
    expect(more).toEqual([]);
    expect(balancer).toMatchObject({ namespace: 'db', service: 'front', cost: '0.03', basis: 'stated' });
  });
});

describe('volumes that are scraped', () => {
  const of = { namespace: 'db', persistentvolumeclaim: 'data' };
  const claim: LabelSet = {
    __name__: 'kube_persistentvolumeclaim_info',
    ...of,
    volumename: 'pv-1',
    storageclass: 'ssd',
  };
  const asked: LabelSet = { __name__: 'kube_persistentvolumeclaim_resource_requests_storage_bytes', ...of };
  const size = (persistentvolume: string): LabelSet => ({
    __name__: 'kube_persistentvolume_capacity_bytes',
    persistentvolume,
    namespace: 'monitoring',
  });
  const price: LabelSet = { __name__: 'pv_hourly_cost', volumename: 'pv-1', persistentvolume: 'pv-1' };

  test('a price that is told for the volume stands before the book, and stays under another book', async () => {
    const to = await target();
    await deliver(
      to,
      points([
        [claim, 1],
        [size('pv-1'), 100 * GIB],
        [price, 0.05],
      ]),
    );
    expect(await costs(to)).toEqual({ 'db/data/': '5' });
    await priceStorage(to.tenant, parseMoney('7'));
    await lab.roll();
    expect(await costs(to)).toEqual({ 'db/data/': '5' });
  });

  test('where no capacity is told a claim is as large as it asked to be', async () => {
    const to = await target();
    await deliver(
      to,
      points([
        [claim, 1],
        [asked, 100 * GIB],
      ]),
    );
    expect(await costs(to)).toEqual({ 'db/data/': '1' });
  });

  test('a volume that no claim holds is nobody’s, and is paid for', async () => {
    const to = await target();
    await deliver(to, points([[size('pv-9'), 100 * GIB]]));
    expect(await costs(to)).toEqual({ '/pv-9/': '1' });
  });

  test('a pod that has finished mounts nothing, though kube-state-metrics goes on listing it', async () => {
    const to = await target();
    const pod = { namespace: 'db', pod: 'backup', uid: 'u1' };
    const mounts: LabelSet = {
      __name__: 'kube_pod_spec_volumes_persistentvolumeclaims_info',
      ...pod,
      persistentvolumeclaim: 'data',
    };
    const done: LabelSet = { __name__: 'kube_pod_completion_time', ...pod };
    await deliver(
      to,
      points([
        [claim, 1],
        [size('pv-1'), 100 * GIB],
        [mounts, 1],
        [done, (HOUR + 15 * MINUTE_MS) / 1_000],
      ]),
    );
    expect(await costs(to)).toEqual({ 'db/data/backup': '0.25', 'db/data/': '0.75' });
  });

  test('a balancer without a price costs the book’s', async () => {
    const to = await target();
    const address: LabelSet = {
      __name__: 'kube_service_status_load_balancer_ingress',
      namespace: 'web',
      service: 'front',
      hostname: 'x',
    };
    const priced: LabelSet = {
      __name__: 'kubecost_load_balancer_cost',
      namespace: 'web',
      service_name: 'api',
      ingress_ip: 'y',
    };
    await deliver(
      to,
      points([
        [address, 1],
        [priced, 0.5],
      ]),
    );
    const found = (await ledgerBalancers(lab, to.tenant)).map(({ service, cost, basis }) => [service, cost, basis]);
    expect(found).toEqual([
      ['api', '0.5', 'reported'],
      ['front', '0.0225', 'book'],
    ]);
  });
});

test('a better source that knows no volumes takes away those of the one before it, where nobody else tells of any', async () => {
  const to = await target();
  const held = { capacity_bs: 100 * GIB * 3_600 };
  const node = fact('node', '', { cpu_capacity_ucs: 1, ram_capacity_bs: 1 }, { namespace: '', pod: '', container: '' });
  await deliver(to, stated([node, fact('storage', 'data', held)], 'koku'));
  expect(await costs(to)).toEqual({ 'db/data/pg-0': '1' });
  const agent = minutes('agent', (at) => ({ containers: [containerSample({ at, node: 'n1' })] }));
  await deliver(to, agent);
  expect(await costs(to)).toEqual({});
});

test('volumes that arrive long after all else make their hour due', async () => {
  const to = await target();
  await deliver(
    to,
    minutes('agent', () => ({})),
  );
  expect(await costs(to)).toEqual({});
  const late = minutes('kubernetes', (at) => ({ nodes: [], volumes: [volume(at)] }));
  await deliver(to, late);
  expect(await costs(to)).toEqual({ 'db/data/pg-0': '1' });
});
