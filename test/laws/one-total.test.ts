import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CostBreakdown } from '../../src/contracts/costs.ts';
import { parseAggregate } from '../../src/core/aggregate/aggregate-keys.ts';
import { addCosts, type Costs, NO_COSTS, RESOURCES } from '../../src/core/allocation/costs.ts';
import { ALL } from '../../src/core/filter/tree.ts';
import { DAY_MS, dayStart, HOUR_MS } from '../../src/lib/clock.ts';
import { formatMoney, parseMoney, ZERO } from '../../src/lib/money.ts';
import type { AllocationQueries, AllocationRow } from '../../src/queries/allocations.ts';
import { type AssetQueries, assetTotal } from '../../src/queries/assets.ts';
import { breakdown } from '../../src/queries/costs.ts';
import { createAllocationQueries } from '../../src/queries/ledger-allocation-queries.ts';
import { createAssetQueries } from '../../src/queries/ledger-asset-queries.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import { createExchangeRates, type ExchangeRates } from '../../src/store/relational/exchange-rates.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { sumMoney } from '../support/tenant-lab.ts';
import { BILL_NOW, BILL_START, bills, putBill } from '../support/whole-bill.ts';

/** Whoever asks what a window cost gets one answer, whichever question it is asked with, and the same rows where the rows are the same. */
const TIMEOUT_MS = 240_000;
const MIDNIGHT = dayStart(BILL_START);
const PAGE = { limit: 1_000, offset: 0 };
const INTERVALS = ['hourly', 'daily', 'weekly'] as const;

let lab: LedgerLab;
let allocations: AllocationQueries;
let assets: AssetQueries;
let rates: ExchangeRates;
beforeAll(async () => {
  lab = await openLedgerLab({ now: () => BILL_NOW });
  const { columnar, relational } = lab;
  rates = createExchangeRates(relational.db);
  const deps = { columnar, clusters: createClusters(relational.db), rates, clock: { now: () => BILL_NOW } };
  [allocations, assets] = [createAllocationQueries(deps), createAssetQueries(deps)];
});
afterAll(() => lab.close());

interface Asked {
  readonly tenant: string;
  readonly start: number;
  readonly end: number;
  readonly currency: string;
}

/** Days that are read from their sums, hours alone, and both. */
const windows = fc.constantFrom(
  { start: MIDNIGHT, end: MIDNIGHT + DAY_MS },
  { start: BILL_START + HOUR_MS, end: BILL_START + 2 * HOUR_MS },
  { start: MIDNIGHT - HOUR_MS, end: MIDNIGHT + DAY_MS + HOUR_MS },
);
const currencies = fc.constantFrom('USD', 'EUR');

const NOBODYS = {
  idle: '__idle__',
  overcommit: '__overcommit__',
  management: '__management__',
  shared: '__shared__',
} as const;

function nameOf({ kind, values }: AllocationRow): string {
  return kind === 'allocation' ? (values[0] ?? '') : NOBODYS[kind];
}

type Rows = Readonly<Record<string, CostBreakdown>>;

async function allocated(
  { tenant, start, end, currency }: Asked,
  aggregate: string,
): Promise<readonly AllocationRow[]> {
  const { sets } = await allocations.sets({
    tenant,
    onlyCluster: null,
    sets: [{ start, end }],
    keys: parseAggregate(aggregate),
    filter: ALL,
    idle: 'keep',
    idleBy: 'cluster',
    splitIdle: true,
    management: 'keep',
    share: { rows: null, monthly: ZERO, split: 'weighted' },
    currency,
  });
  return sets.flatMap(({ rows }) => rows);
}

function byName<T>(rows: readonly T[], name: (row: T) => string, costs: (row: T) => Costs): Rows {
  const groups = Map.groupBy(rows, name);
  return Object.fromEntries(
    [...groups].map(([key, own]) => [key, breakdown(own.map(costs).reduce(addCosts, NO_COSTS))]),
  );
}

function sumOfBreakdowns(parts: readonly CostBreakdown[]): string {
  return formatMoney(sumMoney(parts.map(({ total }) => parseMoney(total))));
}

async function assetsTotal({ tenant, start, end, currency }: Asked): Promise<string> {
  const question = { tenant, onlyCluster: null, sets: [{ start, end }], keys: [], filter: ALL, currency } as const;
  const { sets } = await assets.sets(question);
  return formatMoney(sumMoney(sets.flatMap(({ rows }) => rows.map(({ costs }) => assetTotal(costs)))));
}

/** Resources that cost something in any run. */
const seen = new Set<string>();

/** What is converted may differ in the last digit, by as many as were rounded, where it is cut another way. */
function expectSame(found: string, want: string, { currency }: Asked, name: string): void {
  if (currency === 'USD') expect(found, name).toBe(want);
  else expect(Number(parseMoney(found)) / 1e12, name).toBeCloseTo(Number(parseMoney(want)) / 1e12, 9);
}

test(
  'one window costs the same by namespace, cluster, pod and step, as allocations and as assets, resource by resource',
  async () => {
    await fc.assert(
      fc.asyncProperty(bills, windows, currencies, async (bill, window, currency) => {
        const tenant = await putBill(lab, bill);
        const dated = [0.9123, 0.87654321, 0.5].map((perUsd, day) => ({
          effectiveOn: MIDNIGHT + (day - 1) * DAY_MS,
          perUsd: BigInt(Math.round(perUsd * 1e9)),
        }));
        await rates.put(tenant, 'EUR', dated, { at: BILL_START, actor: 'test' });
        const asked = { tenant, ...window, currency };

        const namespaces = await lab.costs.namespaces(asked, PAGE);
        const rows = await allocated(asked, 'namespace');
        const want = byName(rows, nameOf, ({ costs }) => costs);
        expect(Object.fromEntries(namespaces.costs.map(({ namespace, cost }) => [namespace, cost]))).toEqual(want);
        const total =
          byName(
            rows,
            () => 'all',
            ({ costs }) => costs,
          )['all'] ?? breakdown(NO_COSTS);
        expect(namespaces.total).toEqual(total);
        for (const { costs } of rows) for (const one of RESOURCES) if (costs[one] > 0n) seen.add(one);

        const clusters = await lab.costs.clusters(asked, PAGE);
        expectSame(clusters.total.total, total.total, asked, 'clusters');
        expect(sumOfBreakdowns(clusters.costs.map(({ cost }) => cost))).toBe(clusters.total.total);
        for (const { cluster_name: cluster, cost } of clusters.costs) {
          const own = await lab.costs.namespaces({ ...asked, cluster }, PAGE);
          expect(own.total, cluster).toEqual(cost);
        }
        for (const interval of INTERVALS) {
          const trends = await lab.costs.trends(asked, interval);
          expectSame(trends.total.total, total.total, asked, interval);
          expect(sumOfBreakdowns(trends.trends.map(({ cost }) => cost))).toBe(trends.total.total);
        }
        for (const { namespace, cost } of namespaces.costs) {
          const own = await lab.costs.trends({ ...asked, namespace }, 'daily');
          expectSame(own.total.total, cost.total, asked, namespace);
        }
        expectSame(await assetsTotal(asked), total.total, asked, 'assets');

        const pods = (await allocated(asked, 'pod')).filter(
          ({ kind, values: [pod] }) => kind === 'allocation' && pod !== '' && pod !== '__unmounted__',
        );
        const found = await lab.costs.utilization(asked, PAGE);
        const wanted = byName(pods, nameOf, ({ costs }) => costs);
        expectSame(
          sumOfBreakdowns(found.metrics.map(({ cost }) => cost)),
          sumOfBreakdowns(Object.values(wanted)),
          asked,
          'pods',
        );
      }),
      { numRuns: 8, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

test('the bills above had every resource on them', () => {
  expect([...seen].toSorted()).toEqual([...RESOURCES].toSorted());
});
