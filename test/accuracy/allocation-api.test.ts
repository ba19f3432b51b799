import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HourFact } from '../../src/core/hour-facts.ts';
import { HOUR_MS } from '../../src/lib/clock.ts';
import { createFleet } from '../../src/sim/fleet.ts';
import { KUBECOST_ROUNDING } from '../../src/sim/kubecost-allocations.ts';
import { type KubecostApi, startKubecostApi } from '../../src/sim/kubecost-api.ts';
import { truthOf } from '../../src/sim/truth.ts';
import { createKubecostPull } from '../../src/sources/kubecost/kubecost-pull.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';

/** What a Kubecost states of the fleet, from its HTTP API to the ledger's answers. */

const MONDAY = Date.UTC(2026, 0, 5);
const WINDOW = { from: MONDAY + 9 * HOUR_MS, to: MONDAY + 12 * HOUR_MS };
const HOURS = [9, 10, 11].map((hour) => MONDAY + hour * HOUR_MS);
const fleet = createFleet({ preset: 'small', seed: 8, start: MONDAY });

let now = MONDAY + 20 * HOUR_MS;
const clock = { now: () => now };
let lab: LedgerLab;
let api: KubecostApi;
beforeAll(async () => {
  lab = await openLedgerLab();
  api = await startKubecostApi(fleet, { clock });
});
afterAll(async () => {
  await api.close();
  await lab.close();
});

interface Target {
  readonly tenant: string;
  readonly cluster: string;
}

async function target(): Promise<Target> {
  const tenant = await lab.tenant();
  return { tenant, cluster: await lab.cluster(tenant, 'small') };
}

/** Everything that is pulled, durable and computed; returns the facts. */
async function pullInto(to: Target): Promise<HourFact[]> {
  const all: HourFact[] = [];
  const source = createKubecostPull({ url: api.url, clock });
  for await (const { batches, refused } of source.pull(WINDOW, AbortSignal.timeout(60_000))) {
    expect(refused).toEqual({});
    for (const { clusterName, batch } of batches) {
      expect(clusterName).toBe('small');
      await lab.put(to, batch);
      all.push(...(batch.facts ?? []));
    }
  }
  await lab.roll();
  return all;
}

async function answer({ tenant }: Target) {
  const scope = { tenant, start: WINDOW.from, end: WINDOW.to };
  const { costs } = await lab.costs.namespaces(scope, { limit: 1_000, offset: 0 });
  return new Map(costs.map(({ namespace, cost }) => [namespace, { cpu: Number(cost.cpu), ram: Number(cost.ram) }]));
}

const dollars = (pico: bigint): number => Number(pico) / 1e12;

test('the ledger is the truth, off by the rounding of each allocation at most', async () => {
  const to = await target();
  await pullInto(to);
  const found = await answer(to);
  const truth = HOURS.flatMap((hour) => truthOf(fleet, hour).clusters);
  const containers = Map.groupBy(
    truth.flatMap((cluster) => cluster.containers),
    (container) => container.namespace,
  );
  expect(containers.size).toBeGreaterThan(3);
  for (const [namespace, rows] of containers) {
    for (const resource of ['cpu', 'ram'] as const) {
      const want = dollars(rows.reduce((sum, { cost }) => sum + cost[resource], 0n));
      const error = Math.abs((found.get(namespace)?.[resource] ?? 0) - want);
      expect(error, `${namespace} ${resource}`).toBeLessThan(rows.length * KUBECOST_ROUNDING + 1e-9);
    }
  }
  const nodes = truth.flatMap((cluster) => cluster.nodes);
  const rows = nodes.length + truth.reduce((sum, cluster) => sum + cluster.containers.length, 0);
  for (const resource of ['cpu', 'ram'] as const) {
    const want = dollars(nodes.reduce((sum, { cost }) => sum + cost[resource], 0n));
    const total = [...found.values()].reduce((sum, cost) => sum + cost[resource], 0);
    expect(Math.abs(total - want), `total ${resource}`).toBeLessThan(rows * KUBECOST_ROUNDING + 1e-9);
  }
});

test('pulled once more, the ledger is the same; a later correction counts, and an earlier statement that comes late does not', async () => {
  const to = await target();
  const facts = await pullInto(to);
  const first = await answer(to);
  now += HOUR_MS;
  await pullInto(to);
  expect(await answer(to)).toEqual(first);

  const shop = facts.find(({ kind, namespace }) => kind === 'container' && namespace === 'shop');
  if (!shop) throw new Error('the fleet has no shop');
  // An answer is of whole hours: what it leaves out it takes back.
  const hour = facts.filter((fact) => fact.hour === shop.hour);
  const amounts = { ...shop.amounts, cpu_cost_adjustment_pico: 25e10 };
  const corrected = hour.map((fact) => ({ ...fact, statedAt: now + HOUR_MS, ...(fact === shop && { amounts }) }));
  const put = async (stated: readonly HourFact[]) => {
    await lab.put(to, { source: 'kubecost', containers: [], nodes: [], facts: stated });
    await lab.roll();
  };
  await put(corrected);
  const after = await answer(to);
  expect((after.get('shop')?.cpu ?? 0) - (first.get('shop')?.cpu ?? 0)).toBeCloseTo(0.25, 9);
  await put(hour);
  expect(await answer(to)).toEqual(after);
});
