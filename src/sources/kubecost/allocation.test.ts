import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ALLOCATION_HOUR as HOUR,
  allocationRow as old,
  allocationProperties as properties,
  readAllocationRow as read,
  STATED_AT,
} from '../../../test/support/allocation.ts';
import type { HourFact } from '../../core/hour-facts.ts';

const factOf = (row: object, key?: string) => read(row, key).facts[0];
const amountsOf = (more: object) => factOf({ ...old, ...more })?.amounts;
const faultOf = (more: object) => {
  const { fault } = read({ ...old, ...more });
  return fault ? `${fault.field}: ${fault.message}` : null;
};

test('an allocation becomes one fact of its container, in our units', () => {
  expect(read(old)).toEqual({
    cluster: 'prod',
    node: 'node-1',
    providerId: 'i-0123',
    incomplete: false,
    fault: null,
    described: null,
    facts: [
      {
        kind: 'container',
        hour: HOUR,
        statedAt: STATED_AT,
        node: 'node-1',
        namespace: 'shop',
        pod: 'web-7d4c9b8f5d-x2x5z',
        container: 'web',
        name: '',
        amounts: {
          run_ms: 1_800_000,
          cpu_ucs: 900_000_000,
          cpu_usage_ucs: 180_018_000,
          cpu_request_ucs: 900_000_000,
          ram_bs: 1_800_000,
          ram_usage_bs: 1_800_000,
          ram_request_bs: 1_620_000,
          network_sent_bytes: 1_000,
          network_received_bytes: 2_001,
          cpu_cost_pico: 4_730_000_000,
          ram_cost_pico: 10_000_000,
        },
        texts: {
          controller_kind: 'Deployment',
          controller: 'web',
          provider_id: 'i-0123',
          services: 'public,web',
          annotations: '{"contact":"b","owner":"a"}',
        },
        labels: properties.labels,
      } satisfies HourFact,
    ],
  });
});

test('what a namespace says of itself is told beside its costs, and is no reason to refuse them', () => {
  const of = (more: object) => read({ ...old, properties: { ...properties, ...more } }).described;
  const stated = { namespaceLabels: { team: 'blue' }, namespaceAnnotations: { contact: 'ann' } };
  const texts = { labels: { team: 'blue' }, annotations: { contact: 'ann' } };
  expect(of(stated)).toEqual({ at: HOUR, namespace: 'shop', ...texts });
  expect(of({ namespaceLabels: {} })).toBeNull();
  const wrong = read({ ...old, properties: { ...properties, ...stated, namespaceLabels: { team: 7 } } });
  expect(wrong).toMatchObject({
    fault: null,
    incomplete: true,
    described: { labels: {}, annotations: texts.annotations },
  });
});

test('costs are kept as stated: each with its adjustment, to the last decimal, whatever their sign', () => {
  const costs = {
    cpuCost: 1.43086,
    cpuCostAdjustment: -0.10001,
    ramCostAdjustment: 0.00002,
    gpuHours: 0.5,
    gpuCost: 1.5,
    gpuCostAdjustment: 0.1,
    networkCost: 0.3,
    networkCrossZoneCost: 0.1,
    networkCrossRegionCost: 0.05,
    networkInternetCost: 0.15,
    networkCostAdjustment: 0.01,
    loadBalancerCost: 0.025,
    loadBalancerCostAdjustment: 0.001,
    pvCost: 0.2,
    pvCostAdjustment: -0.1,
    sharedCost: 2,
    externalCost: 9_000.00001,
  };
  expect(amountsOf(costs)).toMatchObject({
    cpu_cost_pico: 1_430_860_000_000,
    cpu_cost_adjustment_pico: -100_010_000_000,
    ram_cost_adjustment_pico: 20_000_000,
    gpu_ms: 1_800_000,
    gpu_cost_pico: 1_500_000_000_000,
    gpu_cost_adjustment_pico: 100_000_000_000,
    network_cost_pico: 300_000_000_000,
    network_part_zone_pico: 100_000_000_000,
    network_part_region_pico: 50_000_000_000,
    network_part_internet_pico: 150_000_000_000,
    network_cost_adjustment_pico: 10_000_000_000,
    lb_cost_pico: 25_000_000_000,
    lb_cost_adjustment_pico: 1_000_000_000,
    pv_cost_pico: 200_000_000_000,
    pv_cost_adjustment_pico: -100_000_000_000,
    shared_cost_pico: 2_000_000_000_000,
    external_cost_pico: 9_000_000_010_000_000,
  });
  const five = fc.integer({ min: -90_000_000, max: 90_000_000 });
  fc.assert(
    fc.property(five, (units) => {
      expect(amountsOf({ cpuCost: units / 100_000 })?.cpu_cost_pico).toBe(units * 10_000_000);
    }),
  );
});

test('what is not stated is left out, and is not zero', () => {
  const f = (more: object, want: object) => expect(amountsOf(more), JSON.stringify(more)).toMatchObject(want);
  for (const nothing of [null, undefined, 'NaN', '+Inf', Number.POSITIVE_INFINITY]) {
    expect(amountsOf({ cpuCost: nothing, ramByteUsageAverage: nothing })).not.toHaveProperty('cpu_cost_pico');
    expect(amountsOf({ cpuCost: nothing, ramByteUsageAverage: nothing })).not.toHaveProperty('ram_usage_bs');
  }
  f({ cpuCost: 0, ramByteUsageAverage: 0 }, { cpu_cost_pico: 0, ram_usage_bs: 0 });
  f({ cpuCost: '0.5', cpuCoreHours: '1e-1' }, { cpu_cost_pico: 500_000_000_000, cpu_ucs: 360_000_000 });
  f({ minutes: null }, { run_ms: 1_800_000 });
  f({ minutes: 60.00001 }, { run_ms: 3_600_000 });
  const timeless = amountsOf({ minutes: null, start: null });
  expect(timeless).not.toHaveProperty('run_ms');
  expect(timeless).not.toHaveProperty('cpu_usage_ucs');
  expect(timeless).toHaveProperty('cpu_ucs', 900_000_000);
});

test('unit prices, gauges and efficiencies are no amounts', () => {
  const known = Object.keys(amountsOf({}) ?? {});
  const more = {
    cpuEfficiency: 5,
    totalEfficiency: 5,
    cpuCores: 7,
    pvBytes: 7,
    cpuCostIdle: 7,
    totalCost: 7,
    gpuCount: 7,
  };
  const odd = {
    kubecost_network_zone_egress_cost: 0.01,
    rawAllocationOnly: { cpuCoreUsageMax: 9 },
    proportionalAssetResourceCosts: { a: 1 },
  };
  expect(Object.keys(amountsOf({ ...more, ...odd }) ?? {})).toEqual(known);
});

test('volumes are facts of their own beside the container that pays for them', () => {
  const pvs = {
    'cluster=prod:name=pvc-1': {
      byteHours: 10_737_418_240.00001,
      cost: 0.00055,
      providerID: 'vol-1',
      adjustment: -0.0001,
    },
    'cluster=prod:name=a:name=b': { byteHours: 1, cost: null },
    'cluster=prod:name=gone': null,
  };
  const [container, ...volumes] = read({ ...old, pvs, pvCost: 0.00055 }).facts;
  expect(container?.amounts).toMatchObject({ pv_cost_pico: 550_000_000 });
  const owner = { controller_kind: 'Deployment', controller: 'web' };
  expect(volumes).toMatchObject([
    {
      kind: 'storage',
      name: 'pvc-1',
      pod: properties.pod,
      container: 'web',
      amounts: { capacity_bytes: 10_737_418_240, pv_cost_pico: 550_000_000, pv_cost_adjustment_pico: -100_000_000 },
      texts: { ...owner, provider_id: 'vol-1' },
    },
    { kind: 'storage', name: 'a:name=b', amounts: { capacity_bytes: 1 }, texts: owner },
  ]);
});

describe('what belongs to no pod', () => {
  const idle = { ...old, minutes: 60, cpuCost: -0.5 };
  const f = (key: string, properties: object, want: object) =>
    expect(read({ ...idle, properties }, key), key).toMatchObject({ fault: null, ...want });

  test('idle cost is kept by node where the node is told, else by cluster', () => {
    const fact = (more: object) => [
      { kind: 'container', namespace: '__idle__', pod: '', container: '', name: '', ...more },
    ];
    const ids = { cluster: 'prod', node: 'node-1', providerID: 'node-1' };
    f('prod/node-1/__idle__', ids, {
      cluster: 'prod',
      node: 'node-1',
      providerId: '',
      facts: fact({ node: 'node-1' }),
    });
    f('node-1/__idle__', ids, { facts: fact({ node: 'node-1' }) });
    f('prod/node-1/__idle__', { cluster: 'prod' }, { facts: fact({ node: 'node-1' }) });
    f('prod/__idle__', { cluster: 'prod' }, { facts: fact({ node: '' }) });
    f('__idle__', {}, { cluster: '', facts: fact({ node: '' }) });
    f('elsewhere/__idle__', { cluster: 'prod' }, { facts: fact({ node: '', name: 'elsewhere/__idle__' }) });
    expect(factOf({ ...idle, properties: ids }, 'prod/node-1/__idle__')?.amounts).toMatchObject({
      cpu_cost_pico: -500_000_000_000,
    });
  });

  test('volumes that nothing mounts, and what nobody is told of, stay under their own names', () => {
    const unmounted = { cluster: 'prod', namespace: 'data', pod: '__unmounted__', container: '__unmounted__' };
    f('prod//data/__unmounted__/__unmounted__', unmounted, {
      facts: [{ kind: 'container', namespace: 'data', pod: '__unmounted__', container: '__unmounted__', node: '' }],
    });
    f(
      '__unallocated__',
      { cluster: 'prod' },
      { facts: [{ namespace: '__unallocated__', pod: '', name: '__unallocated__' }] },
    );
    f('prod/__external__', {}, { facts: [{ namespace: '__external__', name: 'prod/__external__' }] });
  });

  test('it costs something though it never ran', () => {
    const fact = factOf({ ...idle, minutes: 0, properties: { cluster: 'prod' } }, 'prod/__idle__');
    expect(fact?.amounts).not.toHaveProperty('run_ms');
  });
});

test('a pod without containers is a fact of the pod', () => {
  const { container: _, ...pod } = properties;
  expect(factOf({ ...old, properties: pod })).toMatchObject({ kind: 'pod', pod: properties.pod, container: '' });
});

test('owners are named as by all other sources', () => {
  const f = (more: object, kind: string, controller: string) =>
    expect(factOf({ ...old, properties: { ...properties, ...more } })?.texts).toMatchObject({
      controller_kind: kind,
      controller,
    });
  f({ controllerKind: 'daemonset' }, 'DaemonSet', 'web');
  f({ controllerKind: 'replicaset', controller: 'web-7d4c9b8f5d' }, 'Deployment', 'web');
  f({ controllerKind: 'job', controller: 'backup-29641320' }, 'CronJob', 'backup');
  f({ controllerKind: 'Widget' }, 'Widget', 'web');
  f({ controllerKind: 'constructor' }, 'constructor', 'web');
  const orphan = factOf({ ...old, properties: { ...properties, controller: undefined } });
  expect(orphan?.texts).not.toHaveProperty('controller_kind');
});

test('sums are refused, so that nothing is counted twice, and so is what is no whole hour of those asked for', () => {
  const hours = (start: string, end: string) => ({ window: { start, end } });
  const asked = 'window: must be among the hours asked for';
  const f = (more: object, want: string | null) => expect(faultOf(more), JSON.stringify(more)).toBe(want);
  f({ properties: { cluster: 'prod', namespace: 'shop' } }, 'properties.pod: is required: only containers are counted');
  f({ properties: undefined }, 'properties.pod: is required: only containers are counted');
  f(hours('2026-05-17T14:00:00Z', '2026-05-17T16:00:00Z'), 'window: must be one whole hour');
  f(hours('2026-05-17T14:00:01Z', '2026-05-17T15:00:01Z'), 'window: must be one whole hour');
  f(hours('2026-05-17T12:00:00Z', '2026-05-17T13:00:00Z'), asked);
  f(hours('2026-05-17T17:00:00Z', '2026-05-17T18:00:00Z'), asked);
  f(hours('2026-05-17T15:00:00+01:00', '2026-05-17T16:00:00+01:00'), null);
  f({ window: null }, 'window: must be one whole hour');
});

test('an allocation with a number that cannot be is refused', () => {
  const f = (more: object, want: string) => expect(faultOf(more), JSON.stringify(more)).toBe(want);
  f({ cpuCoreHours: -1 }, 'cpuCoreHours: must not be negative');
  f({ cpuCost: true }, 'cpuCost: must be a number');
  f({ cpuCost: 'much' }, 'cpuCost: must be a number');
  f({ ramCost: 1e9 }, 'ramCost: must be less than 9007 dollars an hour');
  f({ ramCost: -1e300 }, 'ramCost: must be less than 9007 dollars an hour');
  f({ minutes: 120 }, 'minutes: must be between 0 and 60');
  f({ minutes: -1 }, 'minutes: must be between 0 and 60');
  f({ pvs: 5 }, 'pvs: must be an object');
  f({ pvs: { a: 5 } }, 'pvs: must hold objects');
  f({ pvs: { a: { cost: 'x' } } }, 'pvs.cost: must be a number');
  f({ properties: { ...properties, node: 5 } }, 'properties.node: must be a string');
  f(
    { properties: { ...properties, pod: 'a\u0000' } },
    'properties.pod: must not contain control characters or unpaired surrogates',
  );
});

test('money is not refused for the sake of labels, or of an amount that is too large to be kept', () => {
  const f = (more: object, without: (fact: HourFact | undefined) => unknown, want: unknown) => {
    const { fault, incomplete, facts } = read({ ...old, ...more });
    expect({ fault, incomplete }, JSON.stringify(more).slice(0, 100)).toEqual({ fault: null, incomplete: true });
    expect(without(facts[0])).toEqual(want);
    expect(facts[0]?.amounts.cpu_cost_pico).toBe(4_730_000_000);
  };
  f({ properties: { ...properties, labels: { a: 5 } } }, (fact) => fact?.labels, {});
  f(
    { properties: { ...properties, annotations: { a: 'x'.repeat(20_000) } } },
    (fact) => fact?.texts['annotations'],
    undefined,
  );
  f({ ramByteHours: 1e15 }, (fact) => fact?.amounts.ram_bs, undefined);
});
