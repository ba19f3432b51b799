import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SampleBatch } from '../../src/core/samples.ts';
import { type PointBlock, type Series, toSeries } from '../../src/core/series.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, systemClock } from '../../src/lib/clock.ts';
import { collectorPosts } from '../../src/sim/collector-post.ts';
import { createFleet, type Fleet } from '../../src/sim/fleet.ts';
import { watchedBatch } from '../../src/sim/kubernetes-samples.ts';
import { seriesAt } from '../../src/sim/series.ts';
import { truthOf } from '../../src/sim/truth.ts';
import { parseCollectorPost } from '../../src/sources/collector/collector.ts';
import { SOURCE_LIMITS } from '../../src/sources/source.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';

/** One fleet through every source: the same ledger, as far as the source's format can carry it. */

const MONDAY = Date.UTC(2026, 0, 5);
const HOUR = MONDAY + 10 * HOUR_MS;

let wholeLab: LedgerLab;
beforeAll(async () => {
  wholeLab = await openLedgerLab();
});
afterAll(() => wholeLab.close());

const STEP_MS = 30 * SECOND_MS;
const aligned = createFleet({ preset: 'small', seed: 8, start: MONDAY, alignMs: STEP_MS });

test('Prometheus series: RAM and all that runs through the hour exactly, CPU within half a percent', async () => {
  // A counter is not scraped once more when its container ends: the growth of the last interval is never told.
  const { byNamespace, byContainer } = await ledgerOf(aligned, (name) => pointsOf(aligned, name, STEP_MS));
  const truth = truthOfHour(aligned);
  expectWithin({ cpu: 0.005, ram: 0.001 }, byNamespace, truth.byNamespace);
  expect(truth.through.size).toBeGreaterThan(20);
  for (const [name, want] of truth.through) {
    expect(byContainer.get(name)?.cpu, name).toBeCloseTo(want.cpu, 9);
    expect(byContainer.get(name)?.ram, name).toBeCloseTo(want.ram, 9);
  }
});

test('an hour that is computed in parts, as one of a large cluster is, is the same to the last digit', async () => {
  const watched = (cluster: string) => [
    watchedBatch(aligned, { cluster, from: HOUR - 10 * MINUTE_MS, to: HOUR + HOUR_MS }),
  ];
  const points = (cluster: string) => [...pointsOf(aligned, cluster, 4 * STEP_MS), ...watched(cluster)];
  for (const { batchesOf, partRowsMax } of [
    { batchesOf: watched, partRowsMax: 400 },
    { batchesOf: points, partRowsMax: 12_000 },
  ]) {
    const parted = await openLedgerLab(systemClock, undefined, { partRowsMax });
    try {
      const whole = await ledgerOf(aligned, batchesOf);
      expect(whole.byContainer.size).toBeGreaterThan(20);
      expect(await ledgerOf(aligned, batchesOf, parted)).toEqual(whole);
    } finally {
      await parted.close();
    }
  }
}, 180_000);

test('collectors that know usage alone, beside a watched API server: every namespace to a nano-dollar', async () => {
  // On the level that both see: requests of a pod's containers are added up, so that is what truth is taken at.
  const { byNamespace } = await ledgerOf(aligned, function* (cluster) {
    for (let at = HOUR - 10 * MINUTE_MS; at <= HOUR + HOUR_MS; at += STEP_MS) {
      for (const body of collectorPosts(aligned, { cluster, at, extended: false })) {
        yield parseCollectorPost(JSON.parse(JSON.stringify(body)), { now: at, limits: SOURCE_LIMITS }).batch;
      }
    }
    yield watchedBatch(aligned, { cluster, from: HOUR - 10 * MINUTE_MS, to: HOUR + HOUR_MS });
  });
  expectWithin({ cpu: 1e-9, ram: 1e-9 }, byNamespace, truthOfHour(aligned, 'pod').byNamespace);
});

interface CostPair {
  readonly cpu: number;
  readonly ram: number;
}
type Costs = ReadonlyMap<string, CostPair>;

function expectWithin(share: CostPair, found: Costs, truth: Costs): void {
  expect([...found.keys()].sort()).toEqual([...truth.keys()].sort());
  // What nobody held is what all the others did not: their errors add up in it.
  for (const [namespace, want] of [...truth].filter(([name]) => !name.startsWith('__'))) {
    const got = found.get(namespace);
    for (const resource of ['cpu', 'ram'] as const) {
      const error = Math.abs((got?.[resource] ?? 0) - want[resource]);
      expect(error, `${namespace} ${resource}: ${got?.[resource]} for ${want[resource]}`).toBeLessThanOrEqual(
        share[resource] * want[resource] + 1e-9,
      );
    }
  }
}

async function ledgerOf(fleet: Fleet, batchesOf: (cluster: string) => Iterable<SampleBatch>, lab = wholeLab) {
  const tenant = await lab.tenant();
  for (const { name } of fleet.clusters) {
    const cluster = await lab.cluster(tenant, name);
    await Promise.all(Array.from(batchesOf(name), (batch) => lab.put({ tenant, cluster }, batch)));
  }
  await lab.roll();
  const scope = { tenant, start: HOUR, end: HOUR + HOUR_MS };
  const { costs } = await lab.costs.namespaces(scope, { limit: 1_000, offset: 0 });
  const byNamespace = new Map(costs.map(({ namespace, cost }) => [namespace, pairOf(cost)] as const));
  return { byNamespace, byContainer: await containersOf(tenant, lab) };
}

async function containersOf(tenant: string, lab: LedgerLab): Promise<Costs> {
  const rows = await lab.columnar.rows<{ name: string; cpu: string; ram: string }>({
    sql: `SELECT concat(namespace, '/', pod, '/', container) AS name, toString(cpu_cost) AS cpu, toString(ram_cost) AS ram
      FROM container_hours FINAL WHERE tenant = {tenant:UUID} AND hour = toDateTime({hour_s:UInt32}, 'UTC') AND NOT withdrawn`,
    params: { tenant, hour_s: HOUR / 1_000 },
  });
  return new Map(rows.map((row) => [row.name, pairOf(row)]));
}

function pairOf({ cpu, ram }: { cpu: string; ram: string }): CostPair {
  return { cpu: Number(cpu), ram: Number(ram) };
}

function truthOfHour(fleet: Fleet, grain: 'pod' | 'container' = 'container') {
  const byNamespace = new Map<string, CostPair>();
  const through = new Map<string, CostPair>();
  const add = (namespace: string, cost: { cpu: bigint; ram: bigint }) => {
    const sum = byNamespace.get(namespace) ?? { cpu: 0, ram: 0 };
    byNamespace.set(namespace, { cpu: sum.cpu + dollars(cost.cpu), ram: sum.ram + dollars(cost.ram) });
  };
  for (const { containers, nodes } of truthOf(fleet, HOUR, { grain }).clusters) {
    for (const { namespace, pod, container, cost, startedAt, endedAt } of containers) {
      add(namespace, cost);
      if (startedAt > HOUR - STEP_MS || endedAt < HOUR + HOUR_MS + STEP_MS) continue;
      through.set(`${namespace}/${pod}/${container}`, { cpu: dollars(cost.cpu), ram: dollars(cost.ram) });
    }
    for (const { idle } of nodes) {
      add('__idle__', { cpu: within(idle.cpu, 'above'), ram: within(idle.ram, 'above') });
      const over = { cpu: within(idle.cpu, 'below'), ram: within(idle.ram, 'below') };
      if (over.cpu < 0n || over.ram < 0n) add('__overcommit__', over);
    }
  }
  return { byNamespace, through };
}

const dollars = (pico: bigint): number => Number(pico) / 1e12;
/** The amount, where it is on that side of nothing. */
const within = (pico: bigint, side: 'above' | 'below'): bigint => (pico > 0n === (side === 'above') ? pico : 0n);

function* pointsOf(fleet: Fleet, cluster: string, stepMs: number): Generator<SampleBatch> {
  for (let at = HOUR - 10 * MINUTE_MS; at <= HOUR + HOUR_MS + 4 * MINUTE_MS; at += stepMs) {
    yield { source: 'remote-write', containers: [], nodes: [], points: blockAt(fleet, cluster, at) };
  }
}

function blockAt(fleet: Fleet, cluster: string, at: number): PointBlock {
  const series: Series[] = [];
  const values: number[] = [];
  for (const { labels, value } of seriesAt(fleet, { cluster, at })) {
    series.push(toSeries(labels));
    values.push(value);
  }
  return {
    series,
    ids: BigUint64Array.from(series, ({ id }) => id),
    ats: new BigInt64Array(values.length).fill(BigInt(at)),
    values: Float64Array.from(values),
  };
}
