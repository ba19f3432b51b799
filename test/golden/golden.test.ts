import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerSample, NodeSample, SampleBatch } from '../../src/core/samples.ts';
import { formatMoney, parseMoney } from '../../src/lib/money.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { type Book, bytes, type GoldenCase, type GoldenThing, nanocores, parseCase, type View } from './case-file.ts';

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
    const cluster = await lab.cluster(tenant, 'golden');
    for (const book of golden.books.filter(({ later }) => !later)) await addBook(tenant, book);
    for (const batch of deliveriesOf(golden)) await lab.put({ tenant, cluster }, batch);
    await lab.roll();
    const later = golden.books.filter((book) => book.later);
    for (const book of later) await addBook(tenant, book);
    if (later.length > 0) await lab.roll();

    const scope = { tenant, start: golden.startMs, end: golden.endMs };
    const answer = await lab.costs.namespaces(scope, { limit: 100, offset: 0 });
    const { expected } = golden;
    expect(Object.fromEntries(answer.costs.map((row) => [row.namespace, row.cost.total]))).toEqual(
      Object.fromEntries([...expected.namespaces].map(([name, cost]) => [name, formatMoney(parseMoney(cost))])),
    );
    if (expected.total) expect(answer.total.total).toBe(formatMoney(parseMoney(expected.total)));
    if (expected.coverage !== undefined) expect(answer.coverage.ratio).toBeCloseTo(expected.coverage, 9);
    if (expected.sources) expect(answer.coverage.clusters[0]?.sources.join(' ')).toBe(expected.sources);
    for (const [name, count] of expected.pods) {
      expect(answer.costs.find(({ namespace }) => namespace === name)?.pod_count, `pods of ${name}`).toBe(count);
    }
  });
});

async function addBook(tenant: string, { fromMs, values }: Book): Promise<void> {
  const rate = (key: string, otherwise: string) => parseMoney(values.get(key) ?? otherwise);
  const [cpu, ram] = [values.get('cpu') ?? '0', values.get('ram') ?? '0'];
  await lab.prices.add(tenant, {
    clusterId: null,
    effectiveFrom: fromMs,
    rates: {
      cpuCoreHour: rate('cpu', '0'),
      ramGibHour: rate('ram', '0'),
      gpuHour: parseMoney('0'),
      spotCpuCoreHour: rate('spot.cpu', cpu),
      spotRamGibHour: rate('spot.ram', ram),
      storageGibHour: parseMoney('0'),
    },
    note: 'golden case',
    createdAt: fromMs,
    createdBy: 'test',
  });
}

function deliveriesOf(golden: GoldenCase): SampleBatch[] {
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
      };
    }),
  );
}

/** A fixed disorder. */
function scatter({ nodes }: SampleBatch): number {
  return ((nodes[0]?.at ?? 0) / 1000) % 97;
}

function postsOf(view: View, golden: GoldenCase): SampleBatch[] {
  const posts: SampleBatch[] = [];
  for (let at = golden.startMs; at < golden.endMs; at += view.everyMs) {
    if (golden.silences.some(({ fromMs, toMs }) => at >= fromMs && at < toMs)) continue;
    const nodes = view.nodes.filter((node) => isThere(node, at)).map((node) => nodeSample(node, at));
    const containers = view.pods.flatMap((pod) => containerSample(pod, { at, everyMs: view.everyMs }) ?? []);
    posts.push({ source: view.source, nodes, containers });
  }
  return posts;
}

function isThere({ fromMs, toMs }: GoldenThing, at: number): boolean {
  return at >= fromMs && at < toMs;
}

function nodeSample({ name, values }: GoldenThing, at: number): NodeSample {
  return {
    at,
    node: name,
    providerId: '',
    instanceType: '',
    region: '',
    zone: '',
    spot: values.has('spot'),
    cpuCapacity: nanocores(values.get('cpu')),
    memoryCapacity: bytes(values.get('ram')),
    hourlyCost: values.get('price') ?? null,
    labels: {},
  };
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
  return {
    at,
    node: values.get('on') ?? '',
    namespace,
    pod: name,
    podUid: values.get('uid') ?? '',
    container: values.get('container') ?? '',
    controllerKind: '',
    controller: '',
    phase: justEnded ? 'Succeeded' : (values.get('phase') ?? ''),
    cpuUsage: nanocores(values.get('cpu.used')),
    cpuRequest: nanocores(values.get('cpu.request')),
    cpuLimit: null,
    memoryUsage: bytes(values.get('ram.used')),
    memoryRequest: bytes(values.get('ram.request')),
    memoryLimit: null,
    networkReceived: null,
    networkSent: null,
    startedAt: knows.includes('start') ? pod.fromMs : null,
    endedAt: justEnded ? pod.toMs : null,
    labels: {},
  };
}
