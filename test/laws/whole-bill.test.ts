import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAggregate } from '../../src/core/aggregate/aggregate-keys.ts';
import { sumCosts, sumIdle } from '../../src/core/allocation/costs.ts';
import { parseAssetAggregate, parseAssetFilter } from '../../src/core/assets/asset-keys.ts';
import { ASSET_TYPES } from '../../src/core/assets/asset-properties.ts';
import { ALL } from '../../src/core/filter/tree.ts';
import { HOUR_MS } from '../../src/lib/clock.ts';
import { formatMoney, parseMoney, ZERO } from '../../src/lib/money.ts';
import type { AllocationQueries } from '../../src/queries/allocations.ts';
import { type AssetQueries, assetTotal } from '../../src/queries/assets.ts';
import { createAllocationQueries } from '../../src/queries/ledger-allocation-queries.ts';
import { createAssetQueries } from '../../src/queries/ledger-asset-queries.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import { createExchangeRates } from '../../src/store/relational/exchange-rates.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { sumMoney } from '../support/tenant-lab.ts';
import { BILL_HOURS, BILL_NOW, BILL_START, bills, putBill } from '../support/whole-bill.ts';

/**
 * Everything that a cluster is paid for is in both lists: who used it, and what there was to use. Nodes of known and unknown size, GPUs,
 * volumes that are mounted or not, load balancers, traffic, the fee for the cluster, and whatever a source states of whole hours.
 */
const TIMEOUT_MS = 240_000;

let lab: LedgerLab;
let allocations: AllocationQueries;
let assets: AssetQueries;
beforeAll(async () => {
  lab = await openLedgerLab({ now: () => BILL_NOW });
  const { columnar, relational } = lab;
  const [clusters, rates] = [createClusters(relational.db), createExchangeRates(relational.db)];
  const deps = { columnar, clusters, rates, clock: { now: () => BILL_NOW } };
  [allocations, assets] = [createAllocationQueries(deps), createAssetQueries(deps)];
});
afterAll(() => lab.close());

const sets = Array.from({ length: BILL_HOURS + 1 }, (_, hour) => ({
  start: BILL_START + hour * HOUR_MS,
  end: BILL_START + (hour + 1) * HOUR_MS,
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
      fc.asyncProperty(bills, async (bill) => {
        const tenant = await putBill(lab, bill);
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
