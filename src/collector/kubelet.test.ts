import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type KubeletDouble, startKubelet } from '../../test/support/kubelet.ts';
import { HOUR_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createFleet } from '../sim/fleet.ts';
import { kubeletSummary } from '../sim/kubelet-summary.ts';
import { nodesAt } from '../sim/snapshot.ts';
import { parseCollectorPost } from '../sources/collector/collector.ts';
import { SOURCE_LIMITS } from '../sources/source.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { createKubelet, type Kubelet } from './kubelet.ts';
import { instanceIdOf, nodeFactsOf } from './node-facts.ts';
import { createPostMaker, type NodeIdentity } from './post.ts';
import { createResourceMetrics } from './resource-metrics.ts';
import { readSummary } from './summary.ts';

const START = Date.UTC(2026, 0, 5);
const fleet = createFleet({ preset: 'small', seed: 3, start: START });
const [cluster] = fleet.clusters;
const node = cluster?.slots.flatMap((slot) => nodesAt(slot, START + 6 * HOUR_MS))[0]?.name ?? '';
const nobody: NodeIdentity = { node: null, hostname: 'h', cluster: null, instanceId: null, facts: null };

let now = START + 6 * HOUR_MS;
let double: KubeletDouble;
let client: HttpClient;
let kubelet: Kubelet;
const never = new AbortController().signal;

beforeEach(async () => {
  now = START + 6 * HOUR_MS;
  double = await startKubelet({ fleet, cluster: 'small', node, now: () => now });
  client = createHttpClient({ timeoutMs: 300, answerBytesMax: 2 ** 20, connectionsMax: 2, insecure: true });
  kubelet = createKubelet({ client, url: double.url, tokenFile: double.tokenFile, node });
});
afterEach(async () => {
  client.close();
  await double.close();
});

test('what a kubelet says becomes the post that the server reads: working set, counters, starts, its own time', async () => {
  const truth = kubeletSummary(fleet, { cluster: 'small', node, at: now });
  now += 0;
  const post = createPostMaker()(
    await kubelet.read(never),
    { ...nobody, cluster: 'small', instanceId: 'i-0123456789abcdef0' },
    now + 5_000,
  );
  const parsed = parseCollectorPost(JSON.parse(JSON.stringify(post)), { now: now + 5_000, limits: SOURCE_LIMITS });
  expect(parsed).toMatchObject({ clusterName: 'small', rejectedCount: 0 });
  expect(parsed.batch.nodes).toMatchObject([{ at: now, node, providerId: 'i-0123456789abcdef0' }]);
  const line = (pod: string, container: string, cpu: number | null, memory: number | null) =>
    [pod, container, cpu, memory].join(' ');
  expect(
    parsed.batch.containers.map((one) => line(one.pod, one.container, one.cpuUsage, one.memoryUsage)).toSorted(),
  ).toEqual(
    (truth?.pods ?? [])
      .flatMap((pod) =>
        pod.containers.map((one) =>
          line(pod.podRef.name, one.name, one.cpu.usageNanoCores, one.memory.workingSetBytes),
        ),
      )
      .toSorted(),
  );
  expect(parsed.batch.containers.length).toBeGreaterThan(5);
  expect(
    post.pods.map((pod) => [pod.pod_id, pod.net_rx_bytes, pod.net_tx_bytes, Date.parse(pod.pod_start_time ?? '')]),
  ).toEqual(
    (truth?.pods ?? []).map((pod) => [
      pod.podRef.uid,
      pod.network.rxBytes,
      pod.network.txBytes,
      Date.parse(pod.startTime),
    ]),
  );
  expect(post.pods.map((pod) => pod.cpu_usage_cum)).toEqual(
    (truth?.pods ?? []).map((pod) => pod.cpu.usageCoreNanoSeconds / 1e9),
  );
});

test('without a summary, resource metrics tell the same from their second reading on', async () => {
  double.mood = 'no-summary';
  await kubelet.read(never);
  const before = now;
  now += 10 * SECOND_MS;
  const reading = await kubelet.read(never);
  const [then, truth] = [before, now].map((at) => kubeletSummary(fleet, { cluster: 'small', node, at }));
  const earlier = new Map(then?.pods.map((pod) => [pod.podRef.name, pod.cpu.usageCoreNanoSeconds]));
  expect(reading).toMatchObject({ node, at: now });
  for (const pod of truth?.pods ?? []) {
    const found = reading.pods.find(({ name }) => name === pod.podRef.name);
    expect(found?.usage.memoryBytes).toBe(pod.memory.workingSetBytes);
    const counted = earlier.get(pod.podRef.name);
    if (counted === undefined) continue;
    expect(found?.usage.cores).toBeCloseTo((pod.cpu.usageCoreNanoSeconds - counted) / 1e9 / 10, 6);
    expect(found?.containers.map(({ name }) => name)).toEqual(pod.containers.map(({ name }) => name));
  }
});

test('the token is read anew each time', async () => {
  double.token = 'second-token';
  await expect(kubelet.read(never)).rejects.toThrow(/401.*nodes\/stats/);
  await double.writeToken('second-token');
  expect((await kubelet.read(never)).node).toBe(node);
});

describe('a kubelet that is not as it should be is an error in words, never a post', () => {
  test.each([
    ['html', 'upstream_refused'],
    ['half', 'upstream_refused'],
    ['failing', 'upstream_refused'],
    ['redirecting', 'upstream_refused'],
    ['hangs', 'upstream_unavailable'],
  ] as const)('%s: %s', async (mood, code) => {
    double.mood = mood;
    await expect(kubelet.read(never)).rejects.toMatchObject({ name: 'AppError', code });
  });

  test('its certificate is checked unless that is given up expressly', async () => {
    const strict = createHttpClient({ timeoutMs: 2_000, answerBytesMax: 2 ** 20, connectionsMax: 2 });
    const wary = createKubelet({ client: strict, url: double.url, tokenFile: double.tokenFile, node });
    await expect(wary.read(never)).rejects.toThrow(/certificate/);
    strict.close();
  });

  test('whatever JSON it says, nothing but AppError is thrown and what is posted can be read', () => {
    const amount = fc.oneof(fc.anything(), fc.integer(), fc.double());
    const usage = fc.record({
      usageNanoCores: amount,
      usageCoreNanoSeconds: amount,
      workingSetBytes: amount,
      time: amount,
    });
    const pod = fc.record(
      {
        podRef: fc.record({
          name: fc.constantFrom('a', ''),
          namespace: fc.constant('n'),
          uid: fc.constantFrom('u', 7),
        }),
        cpu: usage,
        memory: usage,
        network: fc.anything(),
        startTime: fc.oneof(fc.anything(), fc.constant('0001-01-01T00:00:00Z')),
        containers: fc.oneof(
          fc.anything(),
          fc.array(fc.record({ name: fc.string(), cpu: usage, memory: usage }), { maxLength: 3 }),
        ),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      fc.anything(),
      fc.record({
        node: fc.record({ nodeName: fc.constantFrom('n1', '', 7), cpu: usage }),
        pods: fc.array(fc.oneof(pod, fc.anything())),
      }),
    );
    const makePost = createPostMaker();
    fc.assert(
      fc.property(body, (given) => {
        try {
          const post: unknown = JSON.parse(JSON.stringify(makePost(readSummary(given), nobody, now)));
          parseCollectorPost(post, { now, limits: SOURCE_LIMITS });
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });

  test('whatever text its metrics are, nothing but AppError is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z_{}=", 0-9\n]*$/)), (text) => {
        try {
          createResourceMetrics().read(text, 'n');
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});

test('a restarted container does not move the start of its pod', () => {
  const makePost = createPostMaker();
  const reading = (startTime: string) =>
    readSummary({
      node: { nodeName: 'n' },
      pods: [{ podRef: { name: 'a', namespace: 'b', uid: 'c' }, containers: [{ name: 'x', startTime }] }],
    });
  const startOf = (startTime: string) => makePost(reading(startTime), nobody, now).pods[0]?.pod_start_time;
  expect(startOf('2026-01-05T01:00:00Z')).toBe('2026-01-05T01:00:00.000+00:00');
  expect(startOf('2026-01-05T03:00:00Z')).toBe('2026-01-05T01:00:00.000+00:00');
});

test('a kubelet whose clock is far off is not believed about the time', () => {
  const at = (time: string) =>
    createPostMaker()(readSummary({ node: { nodeName: 'n', cpu: { time } }, pods: [] }), nobody, now).timestamp;
  expect(Date.parse(at(new Date(now - 8_000).toISOString()))).toBe(now - 8_000);
  expect(Date.parse(at('2020-01-01T00:00:00Z'))).toBe(now);
  expect(Date.parse(at('nonsense'))).toBe(now);
});

test('the API server tells of size, type, place, spot and the machine', () => {
  const facts = nodeFactsOf({
    metadata: {
      labels: {
        'node.kubernetes.io/instance-type': 'm5.large',
        'topology.kubernetes.io/zone': 'z1',
        'karpenter.sh/capacity-type': 'spot',
      },
    },
    spec: { providerID: 'aws:///z1/i-0abc' },
    status: { capacity: { cpu: '2', memory: '8Gi', pods: '110', 'nvidia.com/gpu': '1' } },
  });
  expect(facts).toMatchObject({
    capacity: { cpu: '2', memory: '8Gi', 'nvidia.com/gpu': '1' },
    instance_type: 'm5.large',
    zone: 'z1',
    region: '',
    spot: true,
  });
  expect(instanceIdOf(facts.provider_id)).toBe('i-0abc');
  expect(instanceIdOf('gce://project/zone/name')).toBeNull();
  expect(nodeFactsOf(null).provider_id).toBe('');
});
