import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SamplesPost } from '../../contracts/samples.ts';
import type {
  BalancerSample,
  ContainerSample,
  NamespaceSample,
  NodeSample,
  ServiceSample,
  VolumeSample,
} from '../../core/samples.ts';
import { DAY_MS, MINUTE_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { SOURCE_LIMITS } from '../source.ts';
import { encodeSamples } from './encode.ts';
import { parseSamplesPost } from './native.ts';

const NOW = Date.UTC(2026, 4, 17, 14);
const parse = (body: unknown) => parseSamplesPost(body, { now: NOW, limits: SOURCE_LIMITS });

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const maybeName = fc.oneof(fc.constant(''), name);
const amount = fc.option(fc.nat({ max: 2 ** 40 }));
const cores = fc.option(fc.nat({ max: 64_000_000_000 }));
const capacity = fc.option(fc.integer({ min: 1, max: 64_000_000_000 }));
const at = fc.integer({ min: NOW - 12 * DAY_MS, max: NOW });
const cost = fc.option(fc.integer({ min: 1, max: 9_999 }).map((thousandths) => (thousandths / 1_000).toString()));
const gpus = fc.option(fc.nat({ max: 16_000_000_000 }));
const labels = fc.dictionary(name, name, { maxKeys: 3, noNullPrototype: true });

const ofGpus = fc.record({ gpuUsage: gpus, gpuRequest: gpus }).map(known);
const sentTo = fc.option(
  fc.record({
    networkZoneSent: fc.nat(),
    networkRegionSent: fc.nat({ max: 2 ** 40 }),
    networkInternetSent: fc.nat(),
  }),
  { nil: {} },
);

/** What is not known is left out. */
function known<T extends object>(of: T): Partial<T> {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== null)) as Partial<T>;
}

const plainContainer: fc.Arbitrary<ContainerSample> = fc.record({
  at,
  node: maybeName,
  namespace: name,
  pod: name,
  podUid: maybeName,
  container: maybeName,
  controllerKind: maybeName,
  controller: maybeName,
  phase: fc.constantFrom('', 'Running', 'Succeeded'),
  cpuUsage: cores,
  cpuRequest: cores,
  cpuLimit: cores,
  memoryUsage: amount,
  memoryRequest: amount,
  memoryLimit: amount,
  networkReceived: amount,
  networkSent: amount,
  startedAt: fc.option(fc.integer({ min: NOW - 400 * DAY_MS, max: NOW - 20 * DAY_MS })),
  endedAt: fc.option(at),
  labels,
});
const container = fc.tuple(plainContainer, ofGpus, sentTo).map((parts): ContainerSample => Object.assign({}, ...parts));
const plainNode: fc.Arbitrary<NodeSample> = fc.record({
  at,
  node: name,
  providerId: maybeName,
  instanceType: maybeName,
  region: maybeName,
  zone: maybeName,
  spot: fc.boolean(),
  cpuCapacity: capacity,
  memoryCapacity: capacity,
  hourlyCost: cost,
  labels,
});
const node = fc
  .tuple(plainNode, fc.record({ gpuCapacity: capacity }).map(known))
  .map(([plain, gpu]): NodeSample => ({ ...plain, ...gpu }));
const volume: fc.Arbitrary<VolumeSample> = fc.record({
  at,
  namespace: name,
  claim: name,
  volume: maybeName,
  storageClass: maybeName,
  providerId: maybeName,
  capacity,
  request: amount,
  usage: amount,
  pods: fc.uniqueArray(name, { maxLength: 3 }).map((pods) => pods.toSorted()),
  labels,
});
const balancer: fc.Arbitrary<BalancerSample> = fc.record({
  at,
  namespace: name,
  service: name,
  ingress: maybeName,
  hourlyCost: cost,
});
const namespace: fc.Arbitrary<NamespaceSample> = fc.record({ at, namespace: name, labels, annotations: labels });
const service: fc.Arbitrary<ServiceSample> = fc.record({ at, namespace: name, service: name, selector: labels });
const batch = fc.record({
  source: fc.constantFrom('kubernetes' as const, 'collector' as const),
  containers: fc.array(container, { maxLength: 4 }),
  nodes: fc.array(node, { maxLength: 4 }),
  volumes: fc.array(volume, { maxLength: 4 }),
  balancers: fc.array(balancer, { maxLength: 4 }),
  namespaces: fc.array(namespace, { maxLength: 4 }),
  services: fc.array(service, { maxLength: 4 }),
});

test('what is encoded is as the contract says, and is read back as the same batch', () => {
  fc.assert(
    fc.property(batch, (given) => {
      const wire: unknown = JSON.parse(JSON.stringify(encodeSamples(given, 'blue')));
      expect(SamplesPost.safeParse(wire).success).toBe(true);
      const parsed = parse(wire);
      expect(parsed).toMatchObject({ clusterName: 'blue', rejectedCount: 0 });
      expect(parsed.batch).toEqual(given);
    }),
  );
});

const row = { at_ms: NOW, namespace: 'shop', pod: 'web' };
const nodeRow = { at_ms: NOW, node: 'node-1' };

describe('a row that is wrong is refused alone, by name', () => {
  const f = (list: string, wrong: object, field: string, message: RegExp) => {
    const right = {
      containers: row,
      nodes: nodeRow,
      volumes: { ...row, claim: 'c' },
      balancers: { ...row, service: 's' },
      namespaces: row,
      services: { ...row, service: 's' },
    };
    const good = Object.entries(right).find(([key]) => key === list)?.[1] ?? {};
    const parsed = parse({ source: 'kubernetes', [list]: [good, { ...good, ...wrong }, good] });
    expect(parsed).toMatchObject({ acceptedCount: 2, rejectedCount: 1 });
    expect(parsed.rejected).toEqual([
      { row: 1, field: `${list}[1].${field}`, message: expect.stringMatching(message) },
    ]);
  };
  test.each<[string, object, string, RegExp]>([
    ['containers', { pod: '' }, 'pod', /required/],
    ['containers', { namespace: '__idle__' }, 'namespace', /must not begin/],
    ['namespaces', { labels: { team: 7 } }, 'labels', /must be strings/],
    ['namespaces', { at_ms: NOW + 11 * MINUTE_MS }, 'at_ms', /too far ahead/],
    ['services', { service: '' }, 'service', /required/],
    ['services', { selector: ['app'] }, 'selector', /must be an object/],
    ['containers', { at_ms: NOW + 11 * MINUTE_MS }, 'at_ms', /too far ahead/],
    ['containers', { at_ms: NOW - 14 * DAY_MS }, 'at_ms', /older samples/],
    ['containers', { at_ms: '2026-01-01T00:00:00Z' }, 'at_ms', /whole milliseconds/],
    ['containers', { at_ms: undefined }, 'at_ms', /whole milliseconds/],
    ['containers', { cpu_usage_nanocores: -1 }, 'cpu_usage_nanocores', /negative/],
    ['containers', { memory_usage_bytes: 2 ** 60 }, 'memory_usage_bytes', /at most 128 TiB/],
    ['containers', { ended_at_ms: NOW - 2, started_at_ms: NOW - 1 }, 'ended_at_ms', /before started_at_ms/],
    ['containers', { gpu_request_nanogpus: -1 }, 'gpu_request_nanogpus', /negative/],
    ['containers', { gpu_usage_nanogpus: 1e13 }, 'gpu_usage_nanogpus', /at most 1000 GPUs/],
    ['containers', { network_zone_sent_bytes: 7 }, 'network_region_sent_bytes', /another of the three/],
    ['containers', { started_at_ms: NOW + DAY_MS }, 'started_at_ms', /future/],
    ['containers', { labels: { a: 1 } }, 'labels', /strings/],
    ['nodes', { node: 'a\u0000b' }, 'node', /control characters/],
    ['nodes', { spot: 'yes' }, 'spot', /true or false/],
    ['nodes', { hourly_cost_usd: '1e9' }, 'hourly_cost_usd', /at most/],
    ['volumes', { claim: 7 }, 'claim', /string/],
    ['volumes', { pods: [1] }, 'pods', /names/],
    ['volumes', { pods: 'web' }, 'pods', /list/],
    ['balancers', { service: '' }, 'service', /required/],
  ])('%s %j', f);
});

test('an envelope that is wrong is refused whole', () => {
  const f = (body: unknown, message: RegExp) => expect(() => parse(body)).toThrow(message);
  f(null, /cannot read the post/);
  f({}, /source/);
  f({ source: 'agent' }, /source/);
  f({ source: 'kubernetes', nodes: {} }, /nodes: must be a list/);
  f({ source: 'kubernetes', nodes: Array.from({ length: 100_001 }, () => nodeRow) }, /at most 100000/);
});

test('whatever comes, nothing but AppError is thrown and every row is accounted for', () => {
  const junk = fc.object({
    key: fc.constantFrom('at_ms', 'pod', 'node', 'namespace', 'labels', 'pods', 'claim'),
    maxDepth: 2,
  });
  const rows = fc.array(fc.oneof(junk, fc.anything()), { maxLength: 5 });
  fc.assert(
    fc.property(
      fc.record({ source: fc.constant('kubernetes'), containers: rows, nodes: rows, volumes: rows }),
      (body) => {
        const parsed = parse(body);
        const count = body.containers.length + body.nodes.length + body.volumes.length;
        expect(parsed.acceptedCount + parsed.rejectedCount).toBe(count);
      },
    ),
  );
  fc.assert(
    fc.property(fc.anything(), (body) => {
      try {
        parse(body);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
  );
});
