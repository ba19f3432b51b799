import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { OPENCOST_ALLOCATIONS, type OpenCostAllocation, type OpenCostQuery } from '../../src/contracts/opencost.ts';
import { MINUTE_MS } from '../../src/lib/clock.ts';
import { ALLOCATION_HOUR, ALLOCATION_WINDOW, allocationRow, readAllocationRow } from '../support/allocation.ts';
import { containerSample, nodeSample } from '../support/samples.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const START = Date.UTC(2026, 0, 1);
const GIB = 2 ** 30;
const WINDOW = '2026-01-01T00:00:00Z,2026-01-01T01:00:00Z';

let server: TestServer;
let key: string;

/** An hour of one node of 4 cores and 2 GPUs at 4.40: a database with a disk and a GPU, an agent that all need, and a balancer. */
beforeAll(async () => {
  server = await startTestServer();
  const tenant = await server.tenant();
  key = await server.key(tenant, ['read']);
  const { id: cluster } = await server.deps.clusters.resolve(tenant, 'east', START);
  const ats = Array.from({ length: 12 }, (_, beat) => START + beat * 5 * MINUTE_MS);
  const [db, agent] = [
    { namespace: 'db', pod: 'pg-0', container: 'app', controllerKind: 'StatefulSet', controller: 'pg' },
    { namespace: 'kube-system', pod: 'agent-x', container: 'agent', controllerKind: 'DaemonSet', controller: 'agent' },
  ];
  const volume = { namespace: 'db', claim: 'data', volume: 'pv-data', storageClass: 'ssd', providerId: 'vol-1' };
  await server.deps.intake.accept(
    { tenant, cluster },
    {
      source: 'kubernetes',
      nodes: ats.map((at) =>
        nodeSample({
          at,
          node: 'n1',
          providerId: 'aws:///eu-west-1a/i-0abc',
          cpuCapacity: 4e9,
          memoryCapacity: 16 * GIB,
          gpuCapacity: 2e9,
          hourlyCost: '4.4',
        }),
      ),
      containers: ats.flatMap((at) => [
        containerSample({
          ...db,
          at,
          node: 'n1',
          cpuRequest: 1e9,
          cpuUsage: 5e8,
          gpuRequest: 1e9,
          gpuUsage: 25e7,
          labels: { app: 'pg', tier: 'data' },
          annotations: { owner: 'dana' },
        }),
        containerSample({ ...agent, at, node: 'n1', cpuRequest: 1e9, labels: { app: 'agent' } }),
      ]),
      volumes: ats.map((at) => ({
        ...volume,
        at,
        capacity: 100 * GIB,
        request: null,
        usage: null,
        pods: ['pg-0'],
        labels: {},
      })),
      balancers: ats.map((at) => ({
        at,
        namespace: 'web',
        service: 'front',
        ingress: '203.0.113.7',
        hourlyCost: '0.05',
      })),
      namespaces: [
        {
          at: START,
          namespace: 'db',
          labels: { team: 'store', 'kubernetes.io/metadata.name': 'db' },
          annotations: { contact: 'ann' },
        },
      ],
      services: [
        { at: START, namespace: 'db', service: 'postgres', selector: { app: 'pg' } },
        { at: START, namespace: 'kube-system', service: 'postgres', selector: { app: 'pg' } },
      ],
    },
  );
  await server.roll();
}, 120_000);
afterAll(() => server.close());

async function rows(query: OpenCostQuery, by = key): Promise<Record<string, OpenCostAllocation>> {
  const client = createClient({ url: server.url, key: by });
  const reply = await client.call(OPENCOST_ALLOCATIONS[0], { query: { window: WINDOW, ...query } });
  if (reply.status === 'error') throw new Error(reply.message);
  return reply.data[0] ?? {};
}

test('a container has its fields in their order, with its disk and its peaks', async () => {
  const { 'east/n1/db/pg-0/app': row } = await rows({});
  const last = 'ramEfficiency externalCost sharedCost totalCost totalEfficiency rawAllocationOnly lbAllocations';
  expect(Object.keys(row ?? {}).slice(-7)).toEqual(last.split(' '));
  expect(row).toMatchObject({
    properties: {
      cluster: 'east',
      node: 'n1',
      namespace: 'db',
      pod: 'pg-0',
      container: 'app',
      controller: 'pg',
      controllerKind: 'statefulset',
    },
    minutes: 60,
    cpuCores: 1,
    cpuEfficiency: 0.5,
    gpuCount: 1,
    gpuHours: 1,
    gpuRequestAverage: 1,
    gpuUsageAverage: 0.25,
    gpuEfficiency: 0.25,
    pvBytes: 100 * GIB,
    pvByteHours: 100 * GIB,
    pvCost: 0.00548,
    pvs: { 'cluster=east:name=pv-data': { byteHours: 100 * GIB, cost: 0.00548, providerID: 'vol-1', adjustment: 0 } },
    rawAllocationOnly: { cpuCoreUsageMax: 0.5, ramByteUsageMax: 0 },
    lbAllocations: null,
  });
  const known =
    'cluster node container controller controllerKind namespace pod services labels annotations namespaceLabels namespaceAnnotations';
  expect(Object.keys(row?.properties ?? {})).toEqual(known.split(' '));
  expect(row?.properties).toMatchObject({
    services: ['postgres'],
    namespaceLabels: { team: 'store', kubernetes_io_metadata_name: 'db' },
    namespaceAnnotations: { contact: 'ann' },
  });
  expect(row?.properties.labels).toEqual({ app: 'pg', tier: 'data' });
  expect(row?.properties.annotations).toEqual({ owner: 'dana' });
});

test('a load balancer stands by its service', async () => {
  const { front } = await rows({ aggregate: 'service' });
  expect(front).toMatchObject({
    properties: { namespace: 'web', services: ['front'] },
    loadBalancerCost: 0.05,
    totalCost: 0.05,
    lbAllocations: {
      'east/web/front': {
        service: 'web/front',
        cost: 0.05,
        private: false,
        ip: '203.0.113.7',
        hours: 1,
        adjustment: 0,
      },
    },
  });
});

test('labels and annotations of an aggregate are told where they are asked for: those that all of it have', async () => {
  const plain = await rows({ aggregate: 'namespace' });
  expect(plain['db']?.properties.labels).toBeUndefined();
  const told = await rows({ aggregate: 'namespace', includeAggregatedMetadata: 'true' });
  expect(told['db']?.properties).toMatchObject({ labels: { app: 'pg', tier: 'data' }, annotations: { owner: 'dana' } });
  const all = await rows({ aggregate: 'cluster', includeAggregatedMetadata: 'true' });
  expect(all['east']?.properties.labels).toBeUndefined();
});

describe('what is shared', () => {
  test('is broken down by what was named, and by what it is made of', async () => {
    const shared = { aggregate: 'namespace', shareNamespaces: 'kube-system', shareCost: '730', shareIdle: 'true' };
    const { db } = await rows({ ...shared, includeSharedCostBreakdown: 'true' });
    const parts = Object.values(db?.sharedCostBreakdown ?? {});
    expect(parts.map(({ name }) => name)).toEqual(['kube-system', '__idle__', 'shareCost']);
    const total = parts.reduce((sum, { totalCost }) => sum + (totalCost ?? 0), 0);
    expect(total).toBeCloseTo(db?.sharedCost ?? 0, 4);
    for (const { cpuCost, ramCost, gpuCost, externalCost, totalCost } of parts) {
      const of = [cpuCost, ramCost, gpuCost, externalCost].reduce<number>((sum, cost) => sum + (cost ?? 0), 0);
      expect(of).toBeCloseTo(totalCost ?? 0, 4);
    }
    expect((await rows(shared))['db']?.sharedCostBreakdown).toBeUndefined();
  });

  test('may be load balancers, whosever they are', async () => {
    const found = await rows({ aggregate: 'namespace', sharelb: 'true', includeSharedCostBreakdown: 'true' });
    expect(Object.keys(found).toSorted((a, b) => a.localeCompare(b))).toEqual(['db', 'kube-system']);
    const shared = Object.values(found).reduce((sum, { sharedCost }) => sum + (sharedCost ?? 0), 0);
    expect(shared).toBeCloseTo(0.05, 4);
    expect(Object.keys(found['db']?.sharedCostBreakdown ?? {})).toEqual(['loadBalancers']);
  });

  test('moves no money: the total with idle shared is the total with idle shown', async () => {
    const total = async (query: OpenCostQuery) =>
      Object.values(await rows({ aggregate: 'namespace', ...query })).reduce(
        (sum, { totalCost }) => sum + (totalCost ?? 0),
        0,
      );
    const shown = await total({ includeIdle: 'true' });
    expect(shown).toBeCloseTo(4.4 + 0.05 + 0.00548, 4);
    expect(await total({ shareIdle: 'true' })).toBeCloseTo(shown, 4);
    expect(await total({ shareIdle: 'true', shareNamespaces: 'kube-system' })).toBeCloseTo(shown, 4);
  });
});

test('what stood idle tells its cluster, and its node where it is split by node', async () => {
  const split = { aggregate: 'namespace', includeIdle: 'true', splitIdle: 'true' };
  expect((await rows(split))['east/__idle__']?.properties).toEqual({ cluster: 'east' });
  expect((await rows({ ...split, idleByNode: 'true' }))['n1/__idle__']?.properties).toEqual({
    cluster: 'east',
    node: 'n1',
  });
});

test('a row tells which part of its clusters, or nodes, it is', async () => {
  const asked = { aggregate: 'namespace', includeProportionalAssetResourceCosts: 'true' };
  const byCluster = (await rows(asked))['db']?.proportionalAssetResourceCosts;
  expect(byCluster?.['east']).toMatchObject({
    cluster: 'east',
    cpuPercentage: 0.25,
    gpuPercentage: 0.5,
    pvPercentage: 1,
  });
  const byNode = (await rows({ ...asked, idleByNode: 'true' }))['db']?.proportionalAssetResourceCosts;
  expect(byNode?.['east,n1']).toMatchObject({
    cluster: 'east',
    name: 'n1',
    type: 'Node',
    providerID: 'i-0abc',
    cpuPercentage: 0.25,
  });
  expect((await rows({ aggregate: 'namespace' }))['db']?.proportionalAssetResourceCosts).toBeUndefined();
});

test('costs are cut and chosen by services, whose pods go with their load balancers, and by labels of namespaces', async () => {
  const byService = await rows({ aggregate: 'service' });
  expect(Object.keys(byService).toSorted()).toEqual(['__unallocated__', 'front', 'postgres']);
  expect(byService['postgres']).toMatchObject({ cpuCoreHours: 1, properties: { services: ['postgres'] } });
  expect(byService['front']).toMatchObject({ loadBalancerCost: 0.05 });
  const ofService = await rows({ aggregate: 'pod', filter: 'services:"postgres"' });
  expect(Object.keys(ofService)).toEqual(['pg-0']);
  expect(Object.keys(await rows({ aggregate: 'pod', filterServices: 'postgres' }))).toEqual(['pg-0']);
  const byTeam = await rows({ aggregate: 'namespaceLabel:team' });
  expect(byTeam['store']?.totalCost).toBe((await rows({ aggregate: 'namespace' }))['db']?.totalCost);
});

test('load balancers as a shared cost are these alone, and no pods of their services', async () => {
  const shared = await rows({ aggregate: 'namespace', sharelb: 'true', includeSharedCostBreakdown: 'true' });
  expect(Object.keys(shared).toSorted()).toEqual(['db', 'kube-system']);
  expect(Object.keys(shared['db']?.sharedCostBreakdown ?? {})).toEqual(['loadBalancers']);
});

test('a row of several namespaces tells of none', async () => {
  const { properties } = (await rows({ aggregate: 'cluster' }))['east'] ?? {};
  expect(Object.keys(properties ?? {})).not.toContain('namespaceLabels');
  const { db } = await rows({ aggregate: 'namespace' });
  expect(db?.properties.namespaceLabels).toMatchObject({ team: 'store' });
});

test('what a Kubecost server stated comes out as it was stated, corrections apart from costs', async () => {
  const tenant = await server.tenant();
  const { id: cluster } = await server.deps.clusters.resolve(tenant, 'prod', ALLOCATION_HOUR);
  const stated = {
    start: '2026-05-17T14:00:00Z',
    end: '2026-05-17T15:00:00Z',
    minutes: 60,
    cpuCost: 0.25,
    cpuCostAdjustment: -0.05,
    ramCost: 0.1,
    ramCostAdjustment: 0.01,
    gpuHours: 1,
    gpuRequestAverage: 1,
    gpuUsageAverage: 0.5,
    gpuCost: 0.9,
    gpuCostAdjustment: -0.1,
    networkCost: 0.06,
    networkCrossZoneCost: 0.01,
    networkCrossRegionCost: 0.02,
    networkCostAdjustment: 0,
    loadBalancerCost: 0.03,
    loadBalancerCostAdjustment: 0.002,
    externalCost: 0.4,
    pvs: { 'cluster=prod:name=pv-1': { byteHours: 1_024, cost: 0.5, providerID: 'vol-1', adjustment: 0.05 } },
  };
  const read = readAllocationRow({ ...allocationRow, ...stated, pvCost: 0.5, pvCostAdjustment: 0.05 });
  await server.deps.intake.accept(
    { tenant, cluster },
    { source: 'kubecost', nodes: [], containers: [], facts: read.facts },
  );
  await server.roll();
  const reader = await server.key(tenant, ['read']);
  const window = `${ALLOCATION_WINDOW.start},${ALLOCATION_WINDOW.end}`;
  const found = await rows({ window, aggregate: 'namespace' }, reader);
  expect(found['shop']).toMatchObject({ ...stated, networkInternetCost: 0.03, pvCost: 0.5, pvCostAdjustment: 0.05 });
});
