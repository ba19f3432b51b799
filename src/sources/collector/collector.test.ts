import { describe, expect, test } from 'vitest';
import type { ContainerSample } from '../../core/samples.ts';
import { SOURCE_LIMITS } from '../source.ts';
import { parseCollectorPost } from './collector.ts';

const NOW = Date.UTC(2026, 4, 17, 14);
const parse = (body: unknown) => parseCollectorPost(body, { now: NOW, limits: SOURCE_LIMITS });

/** A post with the documented fields and no more. */
const pod = {
  pod_id: '0b0a1c1e-0000-4000-8000-000000000001',
  namespace: 'shop',
  name: 'web-7d4c9b8f5d-x2x5z',
  cpu_usage_cores: 0.125,
  cpu_usage_cum: 1_234.5,
  memory_usage_bytes: 1_000,
  net_tx_bytes: 20,
  net_rx_bytes: 30,
  pod_start_time: '2026-05-17T13:00:00.250+00:00',
};
const post = {
  timestamp: '2026-05-17T14:00:00+00:00',
  node_name: 'node-1',
  hostname: 'ip-10-0-0-1',
  ec2_instance_id: 'i-0123',
  pods: [pod],
};
const sampleOf = (more: object) => parse({ ...post, pods: [{ ...pod, ...more }] }).batch.containers[0];

test('a post becomes one sample a pod and one of its node', () => {
  expect(parse(post)).toEqual({
    clusterName: null,
    batch: {
      source: 'collector',
      containers: [
        {
          at: NOW,
          node: 'node-1',
          namespace: 'shop',
          pod: 'web-7d4c9b8f5d-x2x5z',
          podUid: '0b0a1c1e-0000-4000-8000-000000000001',
          container: '',
          controllerKind: '',
          controller: '',
          phase: '',
          cpuUsage: 125_000_000,
          cpuRequest: null,
          cpuLimit: null,
          memoryUsage: 1_000,
          memoryRequest: null,
          memoryLimit: null,
          networkReceived: 30,
          networkSent: 20,
          startedAt: Date.UTC(2026, 4, 17, 13, 0, 0, 250),
          endedAt: null,
          labels: {},
        } satisfies ContainerSample,
      ],
      nodes: [
        {
          at: NOW,
          node: 'node-1',
          providerId: 'i-0123',
          instanceType: '',
          region: '',
          zone: '',
          spot: false,
          cpuCapacity: null,
          memoryCapacity: null,
          hourlyCost: null,
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

test('where the kubelet knows no uid, the name that stands in its place is none', () => {
  expect(sampleOf({ pod_id: `shop/${pod.name}` })?.podUid).toBe('');
  expect(sampleOf({ pod_id: `other/${pod.name}` })?.podUid).toBe(`other/${pod.name}`);
});

test('what only the API server knows of a node is taken where it is told', () => {
  const node = {
    capacity: { cpu: '4', memory: '16Gi' },
    instance_type: 'm5.xlarge',
    region: 'us-east-1',
    zone: 'us-east-1a',
    spot: true,
    provider_id: 'aws:///us-east-1a/i-0123',
    hourly_cost_usd: '0.192',
    labels: { pool: 'general' },
  };
  const parsed = parse({ ...post, cluster_name: 'blue', node });
  expect(parsed.clusterName).toBe('blue');
  expect(parsed.batch.nodes).toEqual([
    {
      at: NOW,
      node: 'node-1',
      providerId: 'aws:///us-east-1a/i-0123',
      instanceType: 'm5.xlarge',
      region: 'us-east-1',
      zone: 'us-east-1a',
      spot: true,
      cpuCapacity: 4_000_000_000,
      memoryCapacity: 17_179_869_184,
      hourlyCost: '0.192',
      labels: { pool: 'general' },
    },
  ]);
});

test('what only the API server knows of a pod is taken where it is told', () => {
  expect(
    sampleOf({
      owner: { kind: 'ReplicaSet', name: 'web-7d4c9b8f5d' },
      labels: { 'pod-template-hash': '7d4c9b8f5d' },
      phase: 'Succeeded',
      requests: { cpu: '250m', memory: '128Mi' },
      limits: { cpu: 1, memory: '0.5Gi' },
      pod_end_time: '2026-05-17T13:00:30.250Z',
    }),
  ).toMatchObject({
    controllerKind: 'Deployment',
    controller: 'web',
    phase: 'Succeeded',
    cpuRequest: 250_000_000,
    memoryRequest: 134_217_728,
    cpuLimit: 1_000_000_000,
    memoryLimit: 536_870_912,
    endedAt: Date.UTC(2026, 4, 17, 13, 0, 30, 250),
  });
});

test('GPUs of a node and of its pods are known by their resources, and shared as the node says', () => {
  const node = { capacity: { cpu: '8', 'nvidia.com/gpu': '8' }, labels: { 'nvidia.com/gpu.replicas': '4' } };
  const requests = { cpu: '1', 'nvidia.com/gpu': '1' };
  const containers = [{ name: 'train', requests, gpu_usage: 0.2 }, { name: 'side' }];
  const { batch } = parse({ ...post, node, pods: [{ ...pod, containers }] });
  expect(batch.nodes).toMatchObject([{ gpuCapacity: 2e9 }]);
  expect(batch.containers).toMatchObject([{ gpuRequest: 250_000_000, gpuUsage: 200_000_000 }, {}]);
  expect(batch.containers[1]).not.toHaveProperty('gpuRequest');
});

test("the names of the aggregator's data files are read too", () => {
  const flat = {
    owner: 'web-7d4c9b8f5d',
    labels: ['app=web', 'pod-template-hash=7d4c9b8f5d', 'note=a=b'],
    requests_cpu_millicores: 250,
    requests_memory_bytes: 1_000,
    limits_cpu_millicores: 500,
    limits_memory_bytes: 2_000,
  };
  expect(sampleOf(flat)).toMatchObject({
    controllerKind: 'Deployment',
    controller: 'web',
    cpuRequest: 250_000_000,
    memoryRequest: 1_000,
    cpuLimit: 500_000_000,
    memoryLimit: 2_000,
    labels: { app: 'web', 'pod-template-hash': '7d4c9b8f5d', note: 'a=b' },
  });
  expect(Object.entries(sampleOf({ labels: ['__proto__=x'] })?.labels ?? {})).toEqual([['__proto__', 'x']]);
  expect(sampleOf({ owner: 'db' })).toMatchObject({ controllerKind: '', controller: 'db' });
  const { nodes } = parse({ ...post, node_cpu_capacity_cores: 4, node_memory_capacity_bytes: 1_000 }).batch;
  expect(nodes[0]).toMatchObject({ cpuCapacity: 4_000_000_000, memoryCapacity: 1_000 });
});

test('a pod that lists its containers is counted by them alone, and its network once', () => {
  const containers = [
    { name: 'web', cpu_usage_cores: 0.1, requests: { cpu: '100m' } },
    { name: 'log', memory_usage_bytes: 7 },
  ];
  const read = (containers: object[]) =>
    parse({ ...post, pods: [{ ...pod, containers }] }).batch.containers.map(
      ({ container, cpuUsage, memoryUsage, cpuRequest, networkReceived }) => ({
        container,
        cpuUsage,
        memoryUsage,
        cpuRequest,
        networkReceived,
      }),
    );
  const [web, log] = read(containers);
  expect(web).toEqual({
    container: 'web',
    cpuUsage: 100_000_000,
    memoryUsage: null,
    cpuRequest: 100_000_000,
    networkReceived: null,
  });
  expect(log).toEqual({ container: 'log', cpuUsage: null, memoryUsage: 7, cpuRequest: null, networkReceived: 30 });
  expect(read(containers.toReversed())).toEqual([log, web]);
});

test('a clock that was never set is "not known"', () => {
  for (const text of ['0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '', null]) {
    expect(sampleOf({ pod_start_time: text })?.startedAt).toBeNull();
  }
});

describe('refusals', () => {
  test('a bad pod is refused by its path, and the good ones beside it are kept', () => {
    const f = (bad: object, field: string, message: string) => {
      const parsed = parse({ ...post, pods: [pod, { ...pod, ...bad }] });
      expect(parsed.rejected).toEqual([{ row: 1, field: `pods[1].${field}`, message }]);
      expect(parsed.batch.containers).toHaveLength(1);
    };
    f({ pod_id: null }, 'pod_id', 'is required');
    f({ name: '' }, 'name', 'is required');
    f({ namespace: 1 }, 'namespace', 'must be a string');
    f({ cpu_usage_cores: -0.1 }, 'cpu_usage_cores', 'must not be negative');
    f({ net_rx_bytes: 2 ** 54 }, 'net_rx_bytes', 'must be at most 2^53 - 1 bytes');
    f({ requests: { cpu: '1x' } }, 'requests.cpu', 'must be a number');
    f({ requests: '1' }, 'requests', 'must be an object');
    f({ limits_memory_bytes: -1 }, 'limits_memory_bytes', 'must not be negative');
    f({ owner: { kind: 7 } }, 'owner.kind', 'must be a string');
    f({ owner: [] }, 'owner', 'must be an object');
    f({ labels: ['a'] }, 'labels', 'must be a list of "key=value"');
    f({ pod_start_time: 'yesterday' }, 'pod_start_time', 'must be an RFC 3339 date-time');
    f({ pod_start_time: 1_700_000_000 }, 'pod_start_time', 'must be an RFC 3339 date-time');
    f({ pod_start_time: '2026-05-17T14:11:00Z' }, 'pod_start_time', 'must not be in the future');
    f({ pod_end_time: '2026-05-17T12:00:00Z' }, 'pod_end_time', 'must not be before pod_start_time');
    f(
      { containers: [{ name: 'a', requests: { memory: -1 } }] },
      'containers[0].requests.memory',
      'must not be negative',
    );
  });

  test('what is said of the node can be wrong without harm to its pods', () => {
    const parsed = parse({ ...post, node: { capacity: { cpu: '-4' }, zone: 'a' } });
    expect(parsed.rejected).toEqual([{ row: 0, field: 'node.capacity.cpu', message: 'must not be negative' }]);
    expect(parsed.batch.nodes).toMatchObject([{ node: 'node-1', cpuCapacity: null, zone: '' }]);
    expect(parsed.batch.containers).toHaveLength(1);
  });

  test('a bad envelope is refused whole, with every problem named', () => {
    const f = (body: unknown, ...fields: string[]) => {
      const problems = fields.map((field) => ({ field }));
      expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'invalid_payload' }));
      try {
        parse(body);
      } catch (error) {
        expect(error).toMatchObject({ details: { problems } });
      }
    };
    f({}, 'timestamp', 'node_name', 'hostname', 'pods');
    f({ ...post, node_name: '' }, 'node_name');
    f({ ...post, pods: null }, 'pods');
    f({ ...post, hostname: 'a\u0007' }, 'hostname');
    for (const timestamp of [
      '2026-02-30T00:00:00Z',
      '2026-05-17T14:00:00',
      '2026-05-17',
      '2026-05-17T24:00:01Z',
      1_779_026_400,
    ]) {
      f({ ...post, timestamp }, 'timestamp');
    }
  });

  test('a timestamp out of range is refused', () => {
    for (const timestamp of ['2026-05-17T14:10:01Z', '2026-05-04T13:59:59Z', '9999-12-31T23:59:59Z']) {
      expect(() => parse({ ...post, timestamp })).toThrow(expect.objectContaining({ code: 'timestamp_out_of_range' }));
    }
  });
});

test('date-times are read whatever their offset and fraction', () => {
  const f = (timestamp: string, want: number) =>
    expect(parse({ ...post, timestamp }).batch.nodes[0]?.at, timestamp).toBe(want);
  f('2026-05-17T14:00:00Z', NOW);
  f('2026-05-17t14:00:00z', NOW);
  f('2026-05-17 14:00:00+00:00', NOW);
  f('2026-05-17T16:00:00+02:00', NOW);
  f('2026-05-17T08:30:00-05:30', NOW);
  f('2026-05-17T14:00:00.123456789Z', NOW + 123);
  f('2026-05-17T14:00:00.5Z', NOW + 500);
});
