import { describe, expect, test } from 'vitest';
import { resolveController } from '../core/controller.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { parseBytes, parseNanocores } from '../lib/quantity.ts';
import { agentPost } from './agent-post.ts';
import { type CollectorPod, collectorPosts } from './collector-post.ts';
import { createFleet } from './fleet.ts';
import { agentStream, collectorStream } from './stream.ts';

const MONDAY = Date.UTC(2026, 0, 5);
const fleet = createFleet({ preset: 'demo', seed: 1, start: MONDAY });
const at = MONDAY + 10 * HOUR_MS + 15 * MINUTE_MS + 31 * SECOND_MS;
const posts = fleet.clusters.flatMap(({ name }) => [...collectorPosts(fleet, { cluster: name, at })]);
const pods = posts.flatMap((post) => post.pods);

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const isDateTime = (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/.test(text);

describe('an agent posts', () => {
  const agent = agentPost(fleet, { cluster: 'production', at });

  test('whole seconds, counts, names and phases as its contract has them', () => {
    expect(agent).toMatchObject({ cluster_name: 'production', timestamp: at / SECOND_MS });
    for (const pod of agent.pod_metrics) {
      const { pod_name, namespace, node_name, labels, phase, qos_class, containers = [], ...amounts } = pod;
      for (const name of [pod_name, namespace, node_name]) expect(name).toMatch(/^[a-z0-9][-.a-z0-9]{0,252}$/);
      expect(labels).toMatchObject({ app: expect.any(String), team: expect.any(String), env: expect.any(String) });
      expect(['Running', 'Succeeded']).toContain(phase);
      expect(['Guaranteed', 'Burstable', 'BestEffort']).toContain(qos_class);
      expect(Object.keys(amounts)).toEqual([
        'cpu_usage_millicores',
        'memory_usage_bytes',
        'cpu_request_millicores',
        'memory_request_bytes',
        'cpu_limit_millicores',
        'memory_limit_bytes',
      ]);
      for (const [key, value] of Object.entries(amounts)) {
        expect(isCount(value), key).toBe(true);
        const sum = containers.reduce(
          (total, container) => total + Number(new Map(Object.entries(container)).get(key)),
          0,
        );
        expect(sum, `${pod_name} ${key}`).toBe(value);
      }
    }
    expect(new Set(agent.pod_metrics.map((pod) => pod.phase)).size).toBe(2);
    expect(new Set(agent.pod_metrics.map((pod) => pod.qos_class)).size).toBe(3);
  });

  test('node sizes and prices, in either spelling', () => {
    const node = agent.node_metrics[0];
    expect(node).toMatchObject({
      instance_type: 'm5.2xlarge',
      cpu_capacity: 8_000,
      memory_capacity: 32 * 2 ** 30,
      hourly_cost_usd: 0.384,
    });
    const [pascal] = agentPost(fleet, { cluster: 'production', at, pascalCaseNodes: true }).node_metrics;
    expect(pascal).toMatchObject({
      InstanceType: 'm5.2xlarge',
      CPUCapacity: 8_000,
      MemoryCapacity: 32 * 2 ** 30,
      HourlyCostUSD: 0.384,
    });
    expect(agentPost(fleet, { cluster: 'staging', at }).node_metrics).toContainEqual(
      expect.objectContaining({ instance_type: 'm5.large', hourly_cost_usd: 0 }),
    );
  });

  test('namespace totals of max(usage, request)', () => {
    const shop = agent.pod_metrics.filter((pod) => pod.namespace === 'shop');
    const cpu = shop.reduce((sum, pod) => sum + Math.max(pod.cpu_usage_millicores, pod.cpu_request_millicores), 0);
    expect(agent.namespace_costs['shop']).toMatchObject({
      namespace: 'shop',
      pod_count: shop.length,
      total_cpu_millicores: cpu,
    });
  });

  test('pods without containers, where told so', () => {
    expect(
      agentPost(fleet, { cluster: 'production', at, containers: false }).pod_metrics.some((pod) => 'containers' in pod),
    ).toBe(false);
  });
});

describe('collectors post', () => {
  test('one body for each node, at an instant of its own', () => {
    expect(posts.length).toBe(24);
    expect(new Set(posts.map((post) => post.node_name)).size).toBe(24);
    expect(new Set(posts.map((post) => post.timestamp)).size).toBeGreaterThan(12);
    for (const post of posts) {
      expect(isDateTime(post.timestamp)).toBe(true);
      const late = Date.parse(post.timestamp) - at;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(6 * SECOND_MS);
      expect(post.ec2_instance_id).toMatch(/^i-0[0-9a-f]{16}$/);
      expect(post.node_name.startsWith(`${post.hostname}.`)).toBe(true);
    }
    const [first] = posts;
    expect([...collectorPosts(fleet, { cluster: 'production', at, node: first?.node_name ?? '' })]).toEqual([first]);
  });

  test('numbers that are not negative, or null when the pod has ended', () => {
    for (const pod of pods) {
      expect(pod.pod_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(isDateTime(pod.pod_start_time)).toBe(true);
      expect(isCount(pod.net_rx_bytes) && isCount(pod.net_tx_bytes)).toBe(true);
      const ended = pod.pod_end_time !== undefined;
      expect(pod.phase).toBe(ended ? 'Succeeded' : 'Running');
      if (ended) expect([pod.cpu_usage_cores, pod.memory_usage_bytes]).toEqual([null, null]);
      else expect(isCount(pod.memory_usage_bytes) && Number(pod.cpu_usage_cores) >= 0).toBe(true);
    }
    expect(pods.some((pod) => pod.pod_end_time !== undefined)).toBe(true);
  });

  test('what the original contract has and nothing more, where told so', () => {
    const [plain] = [...collectorPosts(fleet, { cluster: 'production', at, extended: false })];
    expect(Object.keys(plain ?? {})).toEqual(['timestamp', 'node_name', 'hostname', 'ec2_instance_id', 'pods']);
    const keys = [
      'pod_id',
      'namespace',
      'name',
      'cpu_usage_cores',
      'memory_usage_bytes',
      'net_tx_bytes',
      'net_rx_bytes',
      'pod_start_time',
    ];
    expect(Object.keys(plain?.pods[0] ?? {})).toEqual(keys);
  });

  test('requests and limits as quantities, and those of a pod are the sum of its containers', () => {
    for (const { requests, limits, containers = [] } of pods) {
      const sum = (read: (container: (typeof containers)[number]) => number) =>
        containers.reduce((total, container) => total + read(container), 0);
      expect(parseNanocores(requests?.cpu ?? '0')).toBe(
        sum((container) => parseNanocores(container.requests.cpu ?? '0')),
      );
      expect(parseBytes(limits?.memory ?? '0')).toBe(sum((container) => parseBytes(container.limits.memory ?? '0')));
    }
    expect(pods.some((pod) => pod.requests && Object.keys(pod.requests).length === 0)).toBe(true);
  });

  test('owners and labels from which the controller of every pod is found', () => {
    const kinds = new Set<string>();
    for (const { name, owner = { kind: '', name: '' }, labels = {} } of pods) {
      const controller = resolveController({ ...owner, labels, pod: name });
      expect(controller.name).toBe(labels['app']);
      expect(resolveController({ kind: '', name: '', labels, pod: name })).toEqual(controller);
      kinds.add(controller.kind);
    }
    expect([...kinds].toSorted()).toEqual(['CronJob', 'DaemonSet', 'Deployment', 'StatefulSet']);
  });

  test('the end of every pod, whatever ended it, and counters that never fall', () => {
    const window = { from: MONDAY, to: MONDAY + 12 * HOUR_MS, stepMs: MINUTE_MS };
    const seen = new Map<string, CollectorPod>();
    const nodes = new Set<string>();
    for (const { body } of collectorStream(createFleet({ preset: 'small', seed: 2, start: MONDAY }), window)) {
      nodes.add(body.node_name);
      for (const pod of body.pods) {
        expect(pod.net_rx_bytes).toBeGreaterThanOrEqual(seen.get(pod.pod_id)?.net_rx_bytes ?? 0);
        seen.set(pod.pod_id, pod);
      }
    }
    expect(nodes.size).toBeGreaterThan(3); // one was replaced
    const last = [...seen.values()].filter((pod) => pod.owner?.kind !== 'DaemonSet'); // these end with their node
    const running = last.filter((pod) => pod.pod_end_time === undefined);
    expect(last.length - running.length).toBeGreaterThan(100);
    expect(running.length).toBeLessThanOrEqual(25); // those of the last minute
  });
});

test('streams come in order, from the start of the fleet on, and stop before their end', () => {
  const window = { from: MONDAY - HOUR_MS, to: MONDAY + 10 * MINUTE_MS, stepMs: 5 * MINUTE_MS };
  const agents = [...agentStream(fleet, window)].map(({ at, cluster }) => `${(at - MONDAY) / MINUTE_MS} ${cluster}`);
  expect(agents).toEqual(['0 production', '0 staging', '5 production', '5 staging']);
  const collectors = [...collectorStream(fleet, window)];
  expect(collectors.length).toBeGreaterThanOrEqual(2 * 24);
  expect(
    collectors.every(({ at, cluster, body }) => body.cluster_name === cluster && Date.parse(body.timestamp) >= at),
  ).toBe(true);
});
