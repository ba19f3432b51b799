import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { ledgerQueries } from '../../test/support/ledger-queries.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import { parseAggregate } from '../core/aggregate/aggregate-keys.ts';
import { addAmounts, addTraffic, NO_AMOUNTS, NO_TRAFFIC } from '../core/allocation/amounts.ts';
import { addCosts, NO_COSTS } from '../core/allocation/costs.ts';
import { parseFilter } from '../core/filter/parser.ts';
import { DEFAULT_PRICE_BOOK } from '../core/pricing.ts';
import { DAY_MS, HOUR_MS } from '../lib/clock.ts';
import { formatMoney, parseMoney, ZERO } from '../lib/money.ts';
import type { AllocationQuestion, AllocationRow } from './allocations.ts';

const START = Date.parse('2026-01-02T00:00:00Z');
const NOW = START + 5 * DAY_MS;
const GIB = 2 ** 30;

let lab: LedgerLab;
let tenant: string;

/** A day of a node with GPUs: a pod that holds one, sends everywhere and mounts a disk; a pod that only has an annotation. */
beforeAll(async () => {
  lab = await openLedgerLab({ now: () => NOW });
  tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'east');
  await lab.prices.add(tenant, {
    clusterId: null,
    effectiveFrom: 0,
    base: 'default',
    rates: { ...DEFAULT_PRICE_BOOK, managementHour: parseMoney('0.1') },
    storageClasses: {},
    rules: [],
    note: 'a fee for the cluster',
    createdAt: START,
    createdBy: 'test',
  });
  const ats = Array.from({ length: 48 }, (_, beat) => START + beat * (HOUR_MS / 2));
  await lab.put(
    { tenant, cluster },
    {
      source: 'kubernetes',
      nodes: ats.map((at) => nodeSample({ at, cpuCapacity: 4e9, memoryCapacity: 16 * GIB, gpuCapacity: 2e9 })),
      containers: ats.flatMap((at, beat) => [
        containerSample({
          at,
          namespace: 'ml',
          pod: 'train-0',
          labels: { team: 'learning' },
          cpuRequest: 1e9,
          gpuRequest: 1e9,
          gpuUsage: 3e8,
          networkReceived: beat * GIB,
          networkSent: beat * GIB,
          networkZoneSent: (beat * GIB) / 2,
          networkRegionSent: (beat * GIB) / 4,
          networkInternetSent: (beat * GIB) / 4,
        }),
        containerSample({ at, namespace: 'shop', pod: 'web-1', cpuRequest: 1e9, annotations: { team: 'sales' } }),
      ]),
      volumes: [
        ...ats.map((at) => ({ ...disk('set', 100 * GIB), at, pods: ['train-0'] })),
        ...ats.slice(24).map((at) => ({ ...disk('spare', GIB), at, pods: [] })),
      ],
      balancers: ats.map((at) => ({ at, namespace: 'shop', service: 'front', ingress: '', hourlyCost: null })),
    },
  );
  await lab.roll();
}, 120_000);
afterAll(() => lab.close());

function disk(claim: string, capacity: number) {
  const names = { namespace: 'ml', claim, volume: `pv-${claim}`, storageClass: '', providerId: '' };
  return { ...names, capacity, request: null, usage: null, labels: {} };
}

async function rows(aggregate: string, more: Partial<AllocationQuestion> = {}): Promise<readonly AllocationRow[]> {
  const { sets } = await ledgerQueries(lab, { now: () => NOW }).allocations.sets({
    tenant,
    onlyCluster: null,
    sets: [{ start: START, end: START + DAY_MS }],
    keys: parseAggregate(aggregate),
    filter: parseFilter(''),
    idle: 'keep',
    idleBy: 'cluster',
    splitIdle: false,
    share: { rows: null, monthly: ZERO, split: 'weighted' },
    ...more,
  });
  return sets.flatMap((set) => set.rows);
}

function summed(all: readonly AllocationRow[]) {
  return {
    amounts: all.map((row) => row.amounts).reduce(addAmounts, NO_AMOUNTS),
    costs: all.map((row) => row.costs).reduce(addCosts, NO_COSTS),
    adjustments: all.map((row) => row.adjustments).reduce(addCosts, NO_COSTS),
    traffic: all.map((row) => row.traffic).reduce(addTraffic, NO_TRAFFIC),
  };
}

test('every resource costs and amounts to the same from days and from hours', async () => {
  const fromHours = summed(await rows('pod'));
  expect(summed(await rows('namespace'))).toEqual(fromHours);
  expect(summed(await rows('service'))).toEqual(fromHours);
  const { amounts, costs, traffic } = fromHours;
  expect(amounts.gpuSeconds / 3_600).toBeCloseTo(48, 6);
  expect(amounts.gpuRequestSeconds / 3_600).toBeCloseTo(24, 6);
  expect(amounts.pvByteSeconds).toBe((100 + 0.5) * GIB * 86_400);
  expect(formatMoney(costs.gpu)).toBe('45.6'); // 2 × 24 × 0.95
  expect(formatMoney(costs.loadBalancer)).toBe('0.54'); // 24 × 0.0225
  expect(formatMoney(costs.management)).toBe('2.4');
  expect(costs.network).toBe(traffic.crossZone + traffic.crossRegion + traffic.internet);
  expect(traffic.internet > 0n && traffic.crossZone > 0n && traffic.crossRegion > 0n).toBe(true);
});

test('an alias asks annotations where there is no such label, though days know of none', async () => {
  const teams = await rows('team', { idle: 'hide', management: 'hide' });
  expect(new Set(teams.map(({ values }) => values[0]))).toEqual(new Set(['', 'learning', 'sales']));
  const found = await rows('namespace', { filter: parseFilter('team:"sales"'), idle: 'hide' });
  expect(found.map(({ values }) => values[0])).toEqual(['shop']);
});

test('what nobody mounts ran for as long as it was there', async () => {
  const pods = await rows('namespace,pod', { idle: 'hide' });
  const runs = pods.map(({ values, start, end }) => [values[1], (start - START) / HOUR_MS, (end - START) / HOUR_MS]);
  expect(runs).toEqual(
    expect.arrayContaining([
      ['train-0', 0, 24],
      ['__unmounted__', 12, 24],
    ]),
  );
});
