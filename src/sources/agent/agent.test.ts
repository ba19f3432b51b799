import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../lib/clock.ts';
import { SOURCE_LIMITS } from '../source.ts';
import { parseAgentPost } from './agent.ts';

const NOW = Date.UTC(2026, 4, 17, 14);
const context = { now: NOW, limits: SOURCE_LIMITS };
const parse = (body: unknown) => parseAgentPost(body, context);

const pod = {
  pod_name: 'web-7d4c9b8f5d-x2x5z',
  namespace: 'shop',
  node_name: 'node-1',
  cpu_usage_millicores: 120,
  memory_usage_bytes: 1_000,
  cpu_request_millicores: 250,
  memory_request_bytes: 2_000,
  cpu_limit_millicores: 500,
  memory_limit_bytes: 4_000,
  labels: { app: 'web', 'pod-template-hash': '7d4c9b8f5d' },
  phase: 'Running',
  qos_class: 'Burstable',
};
const node = {
  node_name: 'node-1',
  instance_type: 'm5.large',
  cpu_capacity: 2_000,
  memory_capacity: 8_589_934_592,
  hourly_cost_usd: 0.096,
};
const post = { cluster_name: 'blue', timestamp: NOW / 1_000, pod_metrics: [pod], node_metrics: [node] };

test('a post becomes one sample a pod and one a node, in nanocores and bytes', () => {
  expect(parse(post)).toEqual({
    clusterName: 'blue',
    batch: {
      source: 'agent',
      containers: [
        {
          at: NOW,
          node: 'node-1',
          namespace: 'shop',
          pod: 'web-7d4c9b8f5d-x2x5z',
          podUid: '',
          container: '',
          controllerKind: 'Deployment',
          controller: 'web',
          phase: 'Running',
          cpuUsage: 120_000_000,
          cpuRequest: 250_000_000,
          cpuLimit: 500_000_000,
          memoryUsage: 1_000,
          memoryRequest: 2_000,
          memoryLimit: 4_000,
          networkReceived: null,
          networkSent: null,
          startedAt: null,
          endedAt: null,
          labels: pod.labels,
        },
      ],
      nodes: [
        {
          at: NOW,
          node: 'node-1',
          providerId: '',
          instanceType: 'm5.large',
          region: '',
          zone: '',
          spot: false,
          cpuCapacity: 2_000_000_000,
          memoryCapacity: 8_589_934_592,
          hourlyCost: '0.096',
          labels: {},
        },
      ],
    },
    acceptedCount: 2,
    rejectedCount: 0,
    rejected: [],
    warnings: [],
  });
});

test('a pod that lists its containers is counted by them alone', () => {
  const containers = [
    { container_name: 'app', cpu_usage_millicores: 100, memory_request_bytes: 7 },
    { container_name: 'sidecar', cpu_usage_millicores: 20 },
  ];
  const { batch } = parse({ ...post, pod_metrics: [{ ...pod, containers }] });
  expect(
    batch.containers.map(({ container, cpuUsage, cpuRequest, memoryRequest, controller, labels }) => [
      container,
      cpuUsage,
      cpuRequest,
      memoryRequest,
      controller,
      labels,
    ]),
  ).toEqual([
    ['app', 100_000_000, null, 7, 'web', pod.labels],
    ['sidecar', 20_000_000, null, null, 'web', pod.labels],
  ]);
});

test('GPUs are counted where an agent tells of them', () => {
  const gpus = { gpu_request: 1, gpu_usage: 0.5 };
  const { batch } = parse({
    ...post,
    pod_metrics: [{ ...pod, ...gpus }],
    node_metrics: [{ ...node, gpu_capacity: '4' }],
  });
  expect(batch.containers).toMatchObject([{ gpuRequest: 1e9, gpuUsage: 5e8 }]);
  expect(batch.nodes).toMatchObject([{ gpuCapacity: 4e9 }]);
});

test('namespace totals are taken and never counted beside their pods', () => {
  const total = { ...pod, pod_name: '__aggregate__', cpu_usage_millicores: 9_999 };
  const parsed = parse({
    ...post,
    pod_metrics: [pod, total],
    namespace_costs: { shop: { total_cpu_millicores: 9_999 } },
  });
  expect(parsed.batch.containers).toHaveLength(1);
  expect(parsed).toMatchObject({ acceptedCount: 3, rejectedCount: 0 });
  expect(parsed.warnings).toHaveLength(1);
});

test('both spellings of a node are the same node', () => {
  const expected = parse(post).batch.nodes;
  const pascal = {
    NodeName: node.node_name,
    InstanceType: node.instance_type,
    CPUCapacity: node.cpu_capacity,
    MemoryCapacity: node.memory_capacity,
    HourlyCostUSD: node.hourly_cost_usd,
  };
  const camel = Object.fromEntries(
    Object.entries(pascal).map(([key, value]) => [key[0]?.toLowerCase() + key.slice(1), value]),
  );
  const upper = Object.fromEntries(Object.entries(node).map(([key, value]) => [key.toUpperCase(), value]));
  for (const spelt of [
    pascal,
    camel,
    upper,
    { ...pascal, NodeName: 'other', ...node },
    { ...node, NodeName: 'other' },
  ]) {
    expect(parse({ ...post, node_metrics: [spelt] }).batch.nodes).toEqual(expected);
  }
});

test('every node that is spoken of yields exactly one sample', () => {
  const pods = [
    pod,
    { ...pod, node_name: 'node-2' },
    { ...pod, pod_name: 'b', node_name: 'node-2' },
    { ...pod, node_name: '' },
  ];
  const { nodes } = parse({ ...post, pod_metrics: pods }).batch;
  expect(nodes.map(({ node, cpuCapacity }) => [node, cpuCapacity])).toEqual([
    ['node-1', 2_000_000_000],
    ['node-2', null],
  ]);
});

test('zero is "not known" for a price and a capacity, and zero for a request', () => {
  const { batch } = parse({
    ...post,
    pod_metrics: [{ ...pod, cpu_request_millicores: 0 }],
    node_metrics: [{ ...node, cpu_capacity: 0, memory_capacity: null, hourly_cost_usd: 0 }],
  });
  expect(batch.nodes[0]).toMatchObject({ cpuCapacity: null, memoryCapacity: null, hourlyCost: null });
  expect(batch.containers[0]?.cpuRequest).toBe(0);
});

test('amounts are read as they are written', () => {
  const f = (value: unknown, want: number | null) =>
    expect(
      parse({ ...post, pod_metrics: [{ ...pod, cpu_usage_millicores: value }] }).batch.containers[0]?.cpuUsage,
      String(value),
    ).toBe(want);
  f(12.5, 12_500_000);
  f('120', 120_000_000);
  f('1e3', 1_000_000_000);
  f('250m', 250_000_000);
  f('1500u', 1_500_000);
  f(-0, 0);
  f(null, null);
  f(undefined, null);
});

test('prices keep their decimals', () => {
  const f = (value: unknown, want: string | null) =>
    expect(parse({ ...post, node_metrics: [{ ...node, hourly_cost_usd: value }] }).batch.nodes[0]?.hourlyCost).toBe(
      want,
    );
  f(0.1, '0.1');
  f('0.123456789012', '0.123456789012');
  f(1e-7, '0.0000001');
  f(1e-20, null);
  f('', null);
});

test('an absent or zero timestamp is now', () => {
  for (const timestamp of [undefined, null, 0, '0']) {
    expect(parse({ ...post, timestamp }).batch.containers[0]?.at).toBe(NOW);
  }
  expect(parse({ ...post, timestamp: String(NOW / 1_000 - 60) }).batch.containers[0]?.at).toBe(NOW - MINUTE_MS);
});

test('lists that Go leaves out or writes as null are empty', () => {
  expect(parse({})).toMatchObject({ clusterName: null, acceptedCount: 0, batch: { containers: [], nodes: [] } });
  expect(parse({ cluster_name: '', pod_metrics: null, node_metrics: null })).toMatchObject({ clusterName: null });
  expect(
    parse({ ...post, pod_metrics: [{ ...pod, containers: null, labels: null }] }).batch.containers[0]?.labels,
  ).toEqual({});
});

describe('refusals', () => {
  const fault = (body: unknown) => {
    try {
      return parse(body).rejected;
    } catch (error) {
      return error;
    }
  };

  test('a bad row is refused by its path, and the good ones beside it are kept', () => {
    const f = (bad: object, field: string, message: string) => {
      const parsed = parse({ ...post, pod_metrics: [pod, { ...pod, ...bad }, pod] });
      expect(parsed.rejected).toEqual([{ row: 1, field: `pod_metrics[1].${field}`, message }]);
      expect(parsed).toMatchObject({ acceptedCount: 3, rejectedCount: 1 });
      expect(parsed.batch.containers).toHaveLength(2);
    };
    f({ cpu_usage_millicores: -1 }, 'cpu_usage_millicores', 'must not be negative');
    f({ cpu_usage_millicores: '-5' }, 'cpu_usage_millicores', 'must not be negative');
    f({ cpu_usage_millicores: '-250m' }, 'cpu_usage_millicores', 'must not be negative');
    f({ cpu_usage_millicores: Number.POSITIVE_INFINITY }, 'cpu_usage_millicores', 'must be at most 10000 cores');
    f({ cpu_usage_millicores: Number.NaN }, 'cpu_usage_millicores', 'must be a number');
    f({ cpu_usage_millicores: 'lots' }, 'cpu_usage_millicores', 'must be a number');
    f({ cpu_usage_millicores: '' }, 'cpu_usage_millicores', 'must be a number');
    f({ cpu_usage_millicores: '9'.repeat(100) }, 'cpu_usage_millicores', 'must be a number');
    f({ cpu_usage_millicores: true }, 'cpu_usage_millicores', 'must be a number');
    f({ cpu_usage_millicores: {} }, 'cpu_usage_millicores', 'must be a number');
    f({ memory_limit_bytes: 2 ** 60 }, 'memory_limit_bytes', 'must be at most 128 TiB');
    f({ pod_name: '' }, 'pod_name', 'is required');
    f({ pod_name: undefined }, 'pod_name', 'is required');
    f({ namespace: 7 }, 'namespace', 'must be a string');
    f({ node_name: 'n'.repeat(254) }, 'node_name', 'must be at most 253 characters');
    f({ node_name: 'a\nb' }, 'node_name', 'must not contain control characters or unpaired surrogates');
    f({ node_name: '\ud800' }, 'node_name', 'must not contain control characters or unpaired surrogates');
    f({ labels: [] }, 'labels', 'must be an object');
    f({ labels: { a: 1 } }, 'labels', 'values must be strings');
    f({ containers: {} }, 'containers', 'must be a list');
    f({ containers: [7] }, 'containers', 'must be a list of objects');
    f({ containers: [{}] }, 'containers[0].container_name', 'is required');
    f(
      { containers: [{ container_name: 'a' }, { container_name: 'b', memory_usage_bytes: -1 }] },
      'containers[1].memory_usage_bytes',
      'must not be negative',
    );
    f(
      { containers: [{ container_name: 'a' }, { container_name: 'a' }] },
      'containers[1].container_name',
      'must be unique in its pod',
    );
    expect(parse({ pod_metrics: [7] }).rejected).toEqual([
      { row: 0, field: 'pod_metrics[0]', message: 'must be an object' },
    ]);
  });

  test('a node that cannot be read is refused, and known by its pods alone', () => {
    const parsed = parse({ ...post, node_metrics: [{ ...node, hourly_cost_usd: -1 }] });
    expect(parsed.rejected).toEqual([
      { row: 0, field: 'node_metrics[0].hourly_cost_usd', message: 'must not be negative' },
    ]);
    expect(parsed.batch.nodes).toMatchObject([{ node: 'node-1', hourlyCost: null }]);
  });

  test('a bad envelope is refused whole, with every problem named', () => {
    expect(fault({ cluster_name: 7, timestamp: 'noon', pod_metrics: {}, node_metrics: 'x' })).toMatchObject({
      code: 'invalid_payload',
      details: {
        problems: [
          { field: 'cluster_name' },
          { field: 'timestamp' },
          { field: 'pod_metrics' },
          { field: 'node_metrics' },
        ],
      },
    });
    for (const body of [null, undefined, 7, 'x', [], true]) {
      expect(fault(body)).toMatchObject({ code: 'invalid_payload' });
    }
    for (const timestamp of [-1, Number.NaN, Number.POSITIVE_INFINITY, {}, true, '2026-01-01T00:00:00Z']) {
      expect(fault({ timestamp })).toMatchObject({ code: 'invalid_payload' });
    }
  });

  test('a timestamp out of range is refused, with the limit named', () => {
    const f = (at: number, limit: string | null) => {
      const found = fault({ ...post, timestamp: at / 1_000 });
      if (limit === null) expect(found).toEqual([]);
      else expect(found).toMatchObject({ code: 'timestamp_out_of_range', message: expect.stringContaining(limit) });
    };
    f(NOW + 10 * MINUTE_MS, null);
    f(NOW + 10 * MINUTE_MS + 1_000, "at most 10 minutes ahead of the server's clock");
    f(NOW - 13 * DAY_MS, null);
    f(NOW - 13 * DAY_MS - 1_000, 'at most 13 days old');
    f(1e300, 'minutes ahead');
  });

  test('a post of too many rows is refused, with the limit named', () => {
    const limits = { ...SOURCE_LIMITS, rowsMax: 2 };
    expect(() => parseAgentPost({ ...post, pod_metrics: [pod, pod] }, { now: NOW, limits })).toThrow(
      '3 rows in one post; at most 2',
    );
  });

  test('a reply names a hundred refused rows and counts the rest', () => {
    const parsed = parse({ pod_metrics: Array.from({ length: 5_000 }, () => ({})) });
    expect(parsed.rejected).toHaveLength(100);
    expect(parsed.rejectedCount).toBe(5_000);
  });
});

test('the order of rows does not matter', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const rows = fc.array(
    fc.record({
      pod_name: name,
      namespace: name,
      node_name: name,
      cpu_usage_millicores: fc.integer({ min: -1, max: 9 }),
    }),
  );
  const shuffled = rows.chain((rows) =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
  );
  const multiset = (samples: readonly unknown[]) => samples.map((sample) => JSON.stringify(sample)).sort();
  fc.assert(
    fc.property(shuffled, ([rows, other]) => {
      const one = parse({ ...post, pod_metrics: rows }).batch;
      const two = parse({ ...post, pod_metrics: other }).batch;
      expect(multiset(one.containers)).toEqual(multiset(two.containers));
      expect(multiset(one.nodes)).toEqual(multiset(two.nodes));
    }),
  );
});
