import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gpuCapacityOf, gpuRequestOf } from '../../src/core/gpu.ts';
import type { BalancerSample, ContainerSample, NodeSample, SampleBatch, VolumeSample } from '../../src/core/samples.ts';
import { addMoney, formatMoney, parseMoney } from '../../src/lib/money.ts';
import { createExchangeRates } from '../../src/store/relational/exchange-rates.ts';
import { ledgerAdvice } from '../support/advice.ts';
import { ledgerAllocations } from '../support/allocation-answers.ts';
import { ledgerBalancers, ledgerVolumes } from '../support/attachments.ts';
import { ledgerTotalIn } from '../support/converted.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { ledgerManagement, ledgerResources } from '../support/resources.ts';
import {
  bytes,
  type Expected,
  type GoldenCase,
  type GoldenThing,
  nanocores,
  nanoGpus,
  parseCase,
  type View,
} from './case-file.ts';
import { nodeLabels, versionOf } from './case-prices.ts';

const CASES = new URL('./cases/', import.meta.url);
const files = readdirSync(CASES).filter((name) => name.endsWith('.case'));

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

test('there are cases to run', () => expect(files.length).toBeGreaterThan(15));

describe('golden cases', () => {
  test.each(files)('%s', async (file) => {
    const golden = parseCase(readFileSync(new URL(file, CASES), 'utf8'));
    const tenant = await lab.tenant();
    for (const book of golden.books.filter(({ later }) => !later)) await lab.prices.add(tenant, versionOf(book));
    for (const [name, views] of Map.groupBy(golden.views, ({ cluster }) => cluster)) {
      const cluster = await lab.cluster(tenant, name);
      for (const batch of deliveriesOf({ ...golden, views })) await lab.put({ tenant, cluster }, batch);
    }
    await lab.roll();
    const later = golden.books.filter((book) => book.later);
    for (const book of later) await lab.prices.add(tenant, versionOf(book));
    if (later.length > 0) await lab.roll();

    const scope = { tenant, start: golden.startMs, end: golden.endMs };
    const answer = await lab.costs.namespaces(scope, { limit: 100, offset: 0 });
    const { expected } = golden;
    expect(Object.fromEntries(answer.costs.map((row) => [row.namespace, row.cost.total]))).toEqual(
      exact(expected.namespaces),
    );
    await expectAttachments(tenant, expected);
    await expectResources(tenant, expected);
    await expectTotalsIn(golden, tenant);
    for (const [query, costs] of expected.allocations) {
      expect(Object.fromEntries(await ledgerAllocations(lab, scope, query)), query).toEqual(exact(costs));
    }
    if (expected.advice.size > 0) {
      expect(Object.fromEntries(await ledgerAdvice(lab, scope))).toEqual(exact(expected.advice));
    }
    if (expected.total) expect(answer.total.total).toBe(formatMoney(parseMoney(expected.total)));
    if (expected.coverage !== undefined) expect(answer.coverage.ratio).toBeCloseTo(expected.coverage, 9);
    if (expected.sources) expect(answer.coverage.clusters[0]?.sources.join(' ')).toBe(expected.sources);
    for (const [name, count] of expected.pods) {
      expect(answer.costs.find(({ namespace }) => namespace === name)?.pod_count, `pods of ${name}`).toBe(count);
    }
  });
});

/** All hours together. */
async function expectAttachments(tenant: string, expected: Expected): Promise<void> {
  const volumes = (await ledgerVolumes(lab, tenant)).map(({ namespace, claim, pod, cost }): [string, string] => [
    `${namespace}/${claim} ${pod || '__unmounted__'}`,
    cost,
  ]);
  const balancers = (await ledgerBalancers(lab, tenant)).map(({ namespace, service, cost }): [string, string] => [
    `${namespace}/${service}`,
    cost,
  ]);
  expect(summed(volumes)).toEqual(exact(expected.volumes));
  expect(summed(balancers)).toEqual(exact(expected.balancers));
}

/** Rates come when the hours are long computed: what is converted is the answer. */
async function expectTotalsIn(
  { exchange, expected, startMs: start, endMs: end }: GoldenCase,
  tenant: string,
): Promise<void> {
  const rates = createExchangeRates(lab.relational.db);
  for (const [currency, dated] of exchange) await rates.put(tenant, currency, dated, { at: start, actor: 'test' });
  for (const [currency, total] of expected.totalsIn) {
    expect(await ledgerTotalIn(lab, { currency, tenant, start, end }), currency).toBe(formatMoney(parseMoney(total)));
  }
}

async function expectResources(tenant: string, { resources, management }: Expected): Promise<void> {
  expect(summed(await ledgerResources(lab, tenant))).toEqual(exact(resources));
  if (management) expect(await ledgerManagement(lab, tenant)).toBe(formatMoney(parseMoney(management)));
}

function exact(costs: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...costs].map(([name, cost]) => [name, formatMoney(parseMoney(cost))]));
}

function summed(costs: readonly (readonly [string, string])[]): Record<string, string> {
  const groups = Map.groupBy(costs, ([name]) => name);
  return Object.fromEntries(
    [...groups].map(([name, rows]) => [name, formatMoney(rows.map(([, cost]) => parseMoney(cost)).reduce(addMoney))]),
  );
}

function deliveriesOf(
  golden: Pick<GoldenCase, 'views' | 'deliveries' | 'startMs' | 'endMs' | 'silences'>,
): SampleBatch[] {
  const posts = golden.views.flatMap((view) => postsOf(view, golden));
  const copies = Array.from({ length: golden.deliveries }, () => posts).flat();
  if (golden.deliveries === 1) return bundles(copies, 1_000);
  return bundles(
    copies.toSorted((a, b) => scatter(a) - scatter(b)),
    7,
  );
}

/** One batch per post would be slow to insert; how posts are bundled must not matter anyway. */
function bundles(posts: readonly SampleBatch[], size: number): SampleBatch[] {
  const bySource = [...Map.groupBy(posts, ({ source }) => source).values()];
  return bySource.flatMap((ofSource) =>
    Array.from({ length: Math.ceil(ofSource.length / size) }, (_, index) => {
      const part = ofSource.slice(index * size, (index + 1) * size);
      return {
        source: part[0]?.source ?? 'agent',
        containers: part.flatMap(({ containers }) => containers),
        nodes: part.flatMap(({ nodes }) => nodes),
        volumes: part.flatMap(({ volumes }) => volumes ?? []),
        balancers: part.flatMap(({ balancers }) => balancers ?? []),
        namespaces: part.flatMap(({ namespaces }) => namespaces ?? []),
        services: part.flatMap(({ services }) => services ?? []),
      };
    }),
  );
}

/** A fixed disorder. */
function scatter({ nodes }: SampleBatch): number {
  return ((nodes[0]?.at ?? 0) / 1000) % 97;
}

function postsOf(view: View, golden: Pick<GoldenCase, 'startMs' | 'endMs' | 'silences'>): SampleBatch[] {
  const posts: SampleBatch[] = [];
  for (let at = golden.startMs; at < golden.endMs; at += view.everyMs) {
    if (golden.silences.some(({ fromMs, toMs }) => at >= fromMs && at < toMs)) continue;
    const nodes = view.nodes.filter((node) => isThere(node, at)).map((node) => nodeSample(node, at));
    const containers = view.pods.flatMap((pod) => containerSample(pod, { at, everyMs: view.everyMs }) ?? []);
    const volumes = view.volumes
      .filter((volume) => isThere(volume, at))
      .map((volume) => volumeSample(volume, view, at));
    const balancers = view.balancers.filter((it) => isThere(it, at)).map((balancer) => balancerSample(balancer, at));
    posts.push({ source: view.source, nodes, containers, volumes, balancers, ...descriptions(view, at) });
  }
  return posts;
}

function descriptions({ namespaces, services }: View, at: number): Pick<SampleBatch, 'namespaces' | 'services'> {
  return {
    namespaces: namespaces.map(({ name, values }) => {
      return { at, namespace: name, labels: Object.fromEntries(values), annotations: {} };
    }),
    services: services.map(({ name, values }) => {
      const [namespace = '', service = ''] = name.split('/');
      return { at, namespace, service, selector: Object.fromEntries(values) };
    }),
  };
}

function isThere({ fromMs, toMs }: GoldenThing, at: number): boolean {
  return at >= fromMs && at < toMs;
}

function nodeSample({ name, values }: GoldenThing, at: number): NodeSample {
  return {
    at,
    node: name,
    providerId: '',
    instanceType: values.get('type') ?? '',
    region: values.get('region') ?? '',
    zone: '',
    spot: values.has('spot'),
    cpuCapacity: nanocores(values.get('cpu')),
    memoryCapacity: bytes(values.get('ram')),
    gpuCapacity: nanoGpus(values.get('gpu'), gpuCapacityOf),
    hourlyCost: values.get('price') ?? null,
    labels: nodeLabels(values),
  };
}

function volumeSample({ name, values }: GoldenThing, { pods }: View, at: number): VolumeSample {
  const [namespace = '', claim = ''] = name.split('/');
  const mounts = (pod: GoldenThing) =>
    isThere(pod, at) &&
    pod.name.startsWith(`${namespace}/`) &&
    (pod.values.get('mounts') ?? '').split(',').includes(claim);
  return {
    at,
    namespace,
    claim,
    volume: values.has('unbound') ? '' : `pv-${claim}`,
    storageClass: values.get('class') ?? 'ssd',
    providerId: '',
    capacity: bytes(values.get('capacity')),
    request: bytes(values.get('request')),
    usage: null,
    pods: pods.filter(mounts).map((pod) => pod.name.slice(namespace.length + 1)),
    labels: {},
  };
}

function balancerSample({ name, values }: GoldenThing, at: number): BalancerSample {
  const [namespace = '', service = ''] = name.split('/');
  return { at, namespace, service, ingress: '203.0.113.7', hourlyCost: values.get('price') ?? null };
}

/** Counters after so many posts. */
function sentTo({ values }: GoldenThing, posts: number): Partial<ContainerSample> {
  const told = ['zone', 'region', 'internet'].map((where) => bytes(values.get(`sends.${where}`)));
  if (told.every((each) => each === null)) return {};
  const [zone = 0, region = 0, internet = 0] = told.map((each) => Math.round((each ?? 0) * posts));
  return { networkZoneSent: zone, networkRegionSent: region, networkInternetSent: internet };
}

/** A pod whose end the source knows is told of once more, in the first post after it. */
function containerSample(
  pod: GoldenThing,
  { at, everyMs }: { at: number; everyMs: number },
): ContainerSample | undefined {
  const knows = pod.values.get('knows') ?? '';
  const justEnded = knows.includes('end') && at >= pod.toMs && at - everyMs < pod.toMs;
  if (!isThere(pod, at) && !justEnded) return undefined;
  const [namespace = '', name = ''] = pod.name.split('/');
  const { values } = pod;
  const [app, owner] = [values.get('app'), values.get('owner')];
  return {
    at,
    node: values.get('on') ?? '',
    namespace,
    pod: name,
    podUid: values.get('uid') ?? '',
    container: values.get('container') ?? '',
    controllerKind: values.get('controller')?.split(':')[0] ?? '',
    controller: values.get('controller')?.split(':')[1] ?? '',
    phase: justEnded ? 'Succeeded' : (values.get('phase') ?? ''),
    cpuUsage: nanocores(values.get('cpu.used')),
    cpuRequest: nanocores(values.get('cpu.request')),
    cpuLimit: null,
    memoryUsage: bytes(values.get('ram.used')),
    memoryRequest: bytes(values.get('ram.request')),
    memoryLimit: null,
    gpuUsage: nanoGpus(values.get('gpu.used'), gpuRequestOf),
    gpuRequest: nanoGpus(values.get('gpu.request'), gpuRequestOf),
    networkReceived: null,
    networkSent: null,
    ...sentTo(pod, (at - pod.fromMs) / everyMs),
    startedAt: knows.includes('start') ? pod.fromMs : null,
    endedAt: justEnded ? pod.toMs : null,
    labels: app === undefined ? {} : { app },
    ...(owner === undefined ? {} : { annotations: { owner } }),
  };
}
