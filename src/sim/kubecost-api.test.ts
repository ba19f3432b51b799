import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HourFact } from '../core/hour-facts.ts';
import { HOUR_MS } from '../lib/clock.ts';
import { createKubecostPull } from '../sources/kubecost/kubecost-pull.ts';
import type { PulledPiece } from '../sources/pull.ts';
import { createFleet } from './fleet.ts';
import { KUBECOST_ROUNDING } from './kubecost-allocations.ts';
import { type KubecostApi, startKubecostApi } from './kubecost-api.ts';
import { truthOf } from './truth.ts';

const MONDAY = Date.UTC(2026, 0, 5);
const START = MONDAY + 8 * HOUR_MS;
const HOURS = 6;
const WINDOW = { from: START, to: START + HOURS * HOUR_MS };
const fleet = createFleet({ preset: 'demo', seed: 3, start: MONDAY });

let now = MONDAY + 100 * HOUR_MS;
const clock = { now: () => now };
let api: KubecostApi;
beforeAll(async () => {
  api = await startKubecostApi(fleet, { clock });
});
afterAll(() => api.close());

const source = (chunkHoursMax = 24, path = '') =>
  createKubecostPull({ url: `${api.url}${path}`, clock, limits: { chunkHoursMax, factsPerPieceMax: 100 } });
const signal = () => AbortSignal.timeout(60_000);

type Keyed = Map<string, { readonly cluster: string | null; readonly fact: HourFact }>;

/** As the store keeps them: of two statements about one thing and hour the later one. */
function keep(kept: Keyed, { batches }: PulledPiece): void {
  for (const { clusterName, batch } of batches) {
    for (const fact of batch.facts ?? []) {
      const { kind, hour, node, namespace, pod, container, name } = fact;
      const key = JSON.stringify([clusterName, kind, hour, node, namespace, pod, container, name]);
      const known = kept.get(key);
      if (!known || known.fact.statedAt <= fact.statedAt) kept.set(key, { cluster: clusterName, fact });
    }
  }
}

async function pulled(from = source(), window = WINDOW): Promise<Keyed> {
  const kept: Keyed = new Map();
  for await (const piece of from.pull(window, signal())) {
    expect(piece.refused).toEqual({});
    keep(kept, piece);
  }
  return kept;
}

/** What is stated, without when. */
const statements = (kept: Keyed) =>
  new Map([...kept].map(([key, { fact }]) => [key, { ...fact, statedAt: 0 }] as const));

describe('what is pulled is the truth, within the rounding of every number to 5 decimals', () => {
  const hours = Array.from({ length: HOURS }, (_, i) => START + i * HOUR_MS);
  const factsOf = (kept: Keyed, where: { cluster: string; hour: number }) =>
    [...kept.values()]
      .filter(({ cluster, fact }) => cluster === where.cluster && fact.hour === where.hour)
      .map(({ fact }) => fact);
  const sum = (facts: readonly HourFact[], name: string) =>
    facts.reduce((total, { amounts }) => total + (amounts[name] ?? 0), 0);
  const dollars = (pico: bigint) => Number(pico) / 1e12;

  test('the cost of each node is what its containers and its idle capacity add up to', async () => {
    const kept = await pulled();
    for (const hour of hours) {
      for (const { cluster, nodes } of truthOf(fleet, hour).clusters) {
        for (const { node, cost } of nodes) {
          const facts = factsOf(kept, { cluster, hour }).filter(
            (fact) => fact.kind === 'container' && fact.node === node,
          );
          const bound = facts.length * KUBECOST_ROUNDING + 1e-9;
          expect(Math.abs(sum(facts, 'cpu_cost_pico') / 1e12 - dollars(cost.cpu))).toBeLessThan(bound);
          expect(Math.abs(sum(facts, 'ram_cost_pico') / 1e12 - dollars(cost.ram))).toBeLessThan(bound);
        }
      }
    }
  });

  test('each container held and used what it did', async () => {
    const kept = await pulled();
    for (const hour of hours) {
      for (const { cluster, containers, nodes } of truthOf(fleet, hour).clusters) {
        const facts = factsOf(kept, { cluster, hour });
        expect(facts.filter(({ kind }) => kind === 'node').map(({ node }) => node)).toHaveLength(nodes.length);
        const byName = new Map(
          facts
            .filter(({ kind }) => kind === 'container')
            .map((fact) => [`${fact.node}/${fact.pod}/${fact.container}`, fact]),
        );
        for (const truth of containers) {
          const amounts = byName.get(`${truth.node}/${truth.pod}/${truth.container}`)?.amounts;
          // Core-seconds: rounding of core-hours, and of cores held for an hour at most.
          const bound = 3_600 * KUBECOST_ROUNDING * 1.01;
          const seconds = (nanocoreMs: bigint) => Number(nanocoreMs) / 1e12;
          expect(Math.abs((amounts?.cpu_ucs ?? -1e9) / 1e6 - seconds(truth.cpuHeld))).toBeLessThan(bound);
          expect(Math.abs((amounts?.cpu_usage_ucs ?? -1e9) / 1e6 - seconds(truth.cpuUsage))).toBeLessThan(bound + 1e-3);
          expect(Math.abs((amounts?.cpu_request_ucs ?? -1e9) / 1e6 - seconds(truth.cpuRequest))).toBeLessThan(
            bound + 1e-3,
          );
          expect(Math.abs((amounts?.ram_bs ?? -1) - Number(truth.memoryHeld) / 1e3)).toBeLessThan(2);
          expect(Math.abs((amounts?.run_ms ?? -1) - truth.runMs)).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  test('volumes and balancers are paid for once, by their pods or by nobody', async () => {
    const kept = await pulled();
    for (const hour of hours) {
      for (const { cluster, volumes, balancers } of truthOf(fleet, hour).clusters) {
        const facts = factsOf(kept, { cluster, hour });
        const storage = facts.filter(({ kind }) => kind === 'storage');
        const containers = facts.filter(({ kind }) => kind === 'container');
        const bound = facts.length * KUBECOST_ROUNDING;
        const of = (things: readonly { cost: bigint }[]) =>
          dollars(things.reduce((total, { cost }) => total + cost, 0n));
        expect(Math.abs(sum(storage, 'pv_cost_pico') / 1e12 - of(volumes))).toBeLessThan(bound);
        expect(Math.abs(sum(containers, 'pv_cost_pico') / 1e12 - of(volumes))).toBeLessThan(bound);
        expect(Math.abs(sum(containers, 'lb_cost_pico') / 1e12 - of(balancers))).toBeLessThan(bound);
      }
    }
  });
});

test('pulled twice, in any chunks, under either prefix, or with a crash between pieces: the same facts', async () => {
  const want = statements(await pulled());
  expect(want.size).toBeGreaterThan(1_000);
  for (const from of [source(1), source(2), source(24, '/model'), source(24, '/allocation')]) {
    expect(statements(await pulled(from))).toEqual(want);
  }
  for (const crashAfter of [1, 3, 8, 15]) {
    const kept: Keyed = new Map();
    let through = WINDOW.from;
    let pieces = 0;
    for await (const piece of source(4).pull(WINDOW, signal())) {
      keep(kept, piece);
      ({ through } = piece);
      pieces += 1;
      if (pieces === crashAfter) break;
    }
    now += HOUR_MS;
    for await (const piece of source(4).pull({ ...WINDOW, from: through }, signal())) keep(kept, piece);
    expect(statements(kept), `crash after ${crashAfter} pieces`).toEqual(want);
  }
});

test('hours that are not over, and those before the fleet, hold nothing', async () => {
  now = START + HOUR_MS;
  const kept = await pulled(source(), { from: MONDAY - 2 * HOUR_MS, to: START + 3 * HOUR_MS });
  const hours = new Set([...kept.values()].map(({ fact }) => fact.hour));
  expect([Math.min(...hours), Math.max(...hours)]).toEqual([MONDAY, START]);
});

test('what it cannot answer it refuses', async () => {
  const f = async (query: string, want: number) =>
    expect((await fetch(`${api.url}/allocation?${query}`)).status, query).toBe(want);
  const window = `window=${START / 1_000},${START / 1_000 + 3_600}`;
  await f(`${window}&step=1h`, 200);
  await f(`${window}&step=1d`, 400);
  await f(`${window}&step=1h&aggregate=namespace`, 400);
  const windows = ['', 'window=7d', 'window=1,2', 'window=a,b', 'window=0,99999999996000'];
  for (const text of windows) await f(`${text}&step=1h`, 400);
  expect((await fetch(`${api.url}/assets`)).status).toBe(404);
});
