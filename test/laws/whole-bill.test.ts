import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAggregate } from '../../src/core/aggregate/aggregate-keys.ts';
import { sumCosts, sumIdle } from '../../src/core/allocation/costs.ts';
import { parseAssetAggregate, parseAssetFilter } from '../../src/core/assets/asset-keys.ts';
import { ASSET_TYPES } from '../../src/core/assets/asset-properties.ts';
import { ALL } from '../../src/core/filter/tree.ts';
import type { HourFact } from '../../src/core/hour-facts.ts';
import { ratesOf } from '../../src/core/price-rates.ts';
import type { SampleBatch } from '../../src/core/samples.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/lib/clock.ts';
import { formatMoney, parseMoney, ZERO } from '../../src/lib/money.ts';
import type { AllocationQueries } from '../../src/queries/allocations.ts';
import { type AssetQueries, assetTotal } from '../../src/queries/assets.ts';
import { createAllocationQueries } from '../../src/queries/ledger-allocation-queries.ts';
import { createAssetQueries } from '../../src/queries/ledger-asset-queries.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import { createExchangeRates } from '../../src/store/relational/exchange-rates.ts';
import { factBatch } from '../support/facts.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { containerSample, nodeSample } from '../support/samples.ts';
import { sumMoney } from '../support/tenant-lab.ts';

/**
 * Everything that a cluster is paid for is in both lists: who used it, and what there was to use. Nodes of known and unknown size, GPUs,
 * volumes that are mounted or not, load balancers, traffic, the fee for the cluster, and whatever a source states of whole hours.
 */
const START = Date.UTC(2026, 0, 5, 10);
const HOURS = 3;
const NOW = START + 48 * HOUR_MS;
const GIB = 2 ** 30;
const TIMEOUT_MS = 240_000;

let lab: LedgerLab;
let allocations: AllocationQueries;
let assets: AssetQueries;
beforeAll(async () => {
  lab = await openLedgerLab({ now: () => NOW });
  const { columnar, relational } = lab;
  const [clusters, rates] = [createClusters(relational.db), createExchangeRates(relational.db)];
  const deps = { columnar, clusters, rates, clock: { now: () => NOW } };
  [allocations, assets] = [createAllocationQueries(deps), createAssetQueries(deps)];
});
afterAll(() => lab.close());

const node = fc.record({
  cpuCapacity: fc.option(fc.integer({ min: 5e8, max: 64e9 }), { freq: 4 }),
  gpuCapacity: fc.option(fc.constantFrom(1e9, 8e9)),
  hourlyCost: fc.option(fc.constantFrom('0.1', '0.526', '32.772599')),
  spot: fc.boolean(),
});
const pod = fc.record({
  node: fc.nat({ max: 2 }),
  namespace: fc.constantFrom('shop', 'data', 'kube-system'),
  cpuRequest: fc.option(fc.nat({ max: 9e9 })),
  cpuUsage: fc.option(fc.nat({ max: 9e9 })),
  memoryUsage: fc.option(fc.nat({ max: 64 * GIB })),
  gpuRequest: fc.option(fc.constantFrom(5e8, 1e9)),
  sent: fc.option(fc.nat({ max: 100 * GIB })),
  claim: fc.option(fc.nat({ max: 1 })),
});
const sampled = fc.record({
  nodes: fc.array(node, { minLength: 1, maxLength: 3 }),
  pods: fc.array(pod, { maxLength: 5 }),
  claims: fc.array(fc.nat({ max: 500 * GIB }), { maxLength: 2 }),
  balancers: fc.array(fc.option(fc.constantFrom('0.025', '0.0225')), { maxLength: 2 }),
});
type Sampled = typeof sampled extends fc.Arbitrary<infer T> ? T : never;

/** A post every ten minutes; counters of traffic grow by as much each time. */
function sampledBatch({ nodes, pods, claims, balancers }: Sampled): SampleBatch {
  const ats = Array.from({ length: HOURS * 6 }, (_, tick) => START + tick * 10 * MINUTE_MS);
  return {
    source: 'collector',
    nodes: ats.flatMap((at) =>
      nodes.map((one, i) => nodeSample({ at, node: `n${i}`, memoryCapacity: 16 * GIB, ...one })),
    ),
    containers: ats.flatMap((at, tick) =>
      pods.map((one, i) => {
        const { namespace, cpuRequest, cpuUsage, memoryUsage, gpuRequest } = one;
        const counter = one.sent === null ? null : one.sent * tick;
        const traffic = { networkZoneSent: counter, networkRegionSent: 0, networkInternetSent: counter };
        const names = { node: `n${one.node % nodes.length}`, namespace, pod: `p${i}` };
        const amounts = { cpuRequest, cpuUsage, memoryUsage, gpuRequest, ...(counter === null ? {} : traffic) };
        return containerSample({ at, ...names, ...amounts });
      }),
    ),
    volumes: ats.flatMap((at) =>
      claims.map((capacity, i) => ({
        at,
        namespace: 'shop',
        claim: `c${i}`,
        volume: `pv-${i}`,
        storageClass: 'gp3',
        providerId: '',
        capacity,
        request: null,
        usage: null,
        pods: pods.flatMap((one, p) => (one.namespace === 'shop' && one.claim === i ? [`p${p}`] : [])),
        labels: {},
      })),
    ),
    balancers: ats.flatMap((at) =>
      balancers.map((hourlyCost, i) => ({ at, namespace: 'shop', service: `s${i}`, ingress: '', hourlyCost })),
    ),
  };
}

const pico = fc.nat({ max: 5e12 });
const stated = fc.array(
  fc.record({
    cpu_cost_pico: pico,
    ram_cost_pico: pico,
    gpu_cost_pico: pico,
    network_cost_pico: pico,
    external_cost_pico: pico,
    lb_cost_pico: pico,
    cpu_cost_adjustment_pico: fc.integer({ min: -1e12, max: 1e12 }),
    network_cost_adjustment_pico: fc.integer({ min: -1e12, max: 1e12 }),
    pv_cost_pico: pico,
  }),
  { maxLength: 4 },
);

/** What Kubecost states of containers and their volumes. */
function statedBatch(rows: readonly Record<string, number>[]): SampleBatch {
  const facts = rows.flatMap(({ pv_cost_pico = 0, ...amounts }, i): HourFact[] => {
    const fact = {
      hour: START,
      statedAt: NOW,
      node: `n${i % 2}`,
      namespace: 'shop',
      pod: `p${i}`,
      texts: {},
      labels: {},
    };
    return [
      { ...fact, kind: 'container', container: 'app', name: '', amounts: { run_ms: HOUR_MS, ...amounts } },
      { ...fact, kind: 'storage', container: '', name: `pv-${i}`, amounts: { pv_cost_pico, pv_bs: 1 } },
    ];
  });
  return factBatch(facts, 'kubecost');
}

const sets = Array.from({ length: HOURS + 1 }, (_, hour) => ({
  start: START + hour * HOUR_MS,
  end: START + (hour + 1) * HOUR_MS,
}));

async function allocated(tenant: string): Promise<string[]> {
  const found = await allocations.sets({
    tenant,
    onlyCluster: null,
    sets,
    keys: parseAggregate('cluster,namespace'),
    filter: ALL,
    idle: 'keep',
    idleBy: 'cluster',
    splitIdle: false,
    management: 'keep',
    share: { rows: null, monthly: ZERO, split: 'weighted' },
  });
  return found.sets.map(({ rows }) =>
    formatMoney(sumMoney(rows.flatMap(({ costs, idle, shared }) => [sumCosts(costs), sumIdle(idle), shared]))),
  );
}

/** Types of assets that cost something in any run. */
const seen = new Set<string>();

async function paidFor(tenant: string, aggregate: string, filter = ''): Promise<string[]> {
  const keys = parseAssetAggregate(aggregate);
  const found = await assets.sets({ tenant, onlyCluster: null, sets, keys, filter: parseAssetFilter(filter) });
  for (const { properties, costs } of found.sets.flatMap(({ rows }) => rows)) {
    if (assetTotal(costs) > 0n) seen.add(properties.type);
  }
  return found.sets.map(({ rows }) => formatMoney(sumMoney(rows.map(({ costs }) => assetTotal(costs)))));
}

test(
  'hour by hour, what was used and what stood idle is what there was to pay for, to the last digit',
  async () => {
    await fc.assert(
      fc.asyncProperty(sampled, stated, async (drawn, facts) => {
        const tenant = await lab.tenant();
        const [east, west] = [await lab.cluster(tenant, 'east'), await lab.cluster(tenant, 'west')];
        const rates = { ...ratesOf(() => parseMoney('0.013')), managementHour: parseMoney('0.1') };
        const book = { base: 'default', rates, storageClasses: {}, rules: [], note: '', createdBy: 'test' } as const;
        await lab.prices.add(tenant, { ...book, clusterId: null, effectiveFrom: START - HOUR_MS, createdAt: START });
        await lab.put({ tenant, cluster: east }, sampledBatch(drawn));
        await lab.put({ tenant, cluster: west }, statedBatch(facts));
        await lab.roll();
        const want = await allocated(tenant);
        expect(Number(want[0])).toBeGreaterThan(0);
        for (const aggregate of ['', 'type', 'all']) expect(await paidFor(tenant, aggregate), aggregate).toEqual(want);
        const [nodes, others] = [
          await paidFor(tenant, 'cluster', 'assetType:"node"'),
          await paidFor(tenant, 'type', 'assetType!:"node"'),
        ];
        const both = nodes.map((one, i) => formatMoney(sumMoney([one, others[i] ?? '0'].map(parseMoney))));
        expect(both).toEqual(want);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

test('the bills above had all there is on them', () => {
  expect([...seen]).toEqual(expect.arrayContaining([...ASSET_TYPES]));
});
