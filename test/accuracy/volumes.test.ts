import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HourFact } from '../../src/core/hour-facts.ts';
import { DEFAULT_PRICE_BOOK, storageCost } from '../../src/core/pricing.ts';
import type { SampleBatch } from '../../src/core/samples.ts';
import { toSeries } from '../../src/core/series.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/lib/clock.ts';
import { parseMoney } from '../../src/lib/money.ts';
import { collectorPosts } from '../../src/sim/collector-post.ts';
import { createFleet } from '../../src/sim/fleet.ts';
import { kokuReports } from '../../src/sim/koku-report.ts';
import { KUBECOST_ROUNDING, kubecostSet } from '../../src/sim/kubecost-allocations.ts';
import { watchedBatch } from '../../src/sim/kubernetes-samples.ts';
import { seriesAt } from '../../src/sim/series.ts';
import { truthOf } from '../../src/sim/truth.ts';
import { parseCollectorPost } from '../../src/sources/collector/collector.ts';
import { readReport } from '../../src/sources/koku/koku.ts';
import { createMergedFacts } from '../../src/sources/koku/merged-facts.ts';
import { readAllocation } from '../../src/sources/kubecost/allocation.ts';
import { SOURCE_LIMITS } from '../../src/sources/source.ts';
import { type LedgerVolume, ledgerBalancers, ledgerVolumes } from '../support/attachments.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';

/** Volumes and load balancers of one fleet through every way in that carries them: what its truth says they cost. */

const MONDAY = Date.UTC(2026, 0, 5);
/** A pod with a volume is replaced in it, and nobody mounts that for half a minute. */
const HOUR = MONDAY + 50 * HOUR_MS;
const STEP_MS = 30 * SECOND_MS;
const CLUSTER = 'small';
const fleet = createFleet({ preset: 'small', seed: 8, start: MONDAY, alignMs: STEP_MS });

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

type Costs = Readonly<Record<string, number>>;

/** Dollars: of each claim, of each pod that mounted it (no name: of the time that none did), and of each balancer. */
function truth() {
  const clusters = truthOf(fleet, HOUR).clusters;
  const named = clusters.flatMap(({ volumes }) => volumes);
  const serving = clusters.flatMap(({ balancers }) => balancers);
  return {
    volumes: Object.fromEntries(
      named.map(({ namespace, claim, cost }) => [`${namespace}/${claim}`, Number(cost) / 1e12]),
    ),
    balancers: Object.fromEntries(
      serving.map(({ namespace, service, cost }) => [`${namespace}/${service}`, Number(cost) / 1e12]),
    ),
    parts: partsOf(),
  };
}

/** In the simulated fleet a claim has one pod at a time. */
function partsOf(): Costs {
  const parts: Record<string, number> = {};
  for (const pods of fleet.clusters.flatMap((cluster) => cluster.pods)) {
    const { workload, replica } = pods.placement;
    if (workload.volumeBytes === 0) continue;
    const claim = `${workload.namespace}/data-${workload.name}-${replica}`;
    let idleMs = HOUR_MS;
    for (const run of pods.within(HOUR, HOUR + HOUR_MS)) {
      const ms = Math.min(run.end, HOUR + HOUR_MS) - Math.max(run.start, HOUR);
      add(parts, `${claim}/${run.name}`, dollarsOf(workload.volumeBytes, ms));
      idleMs -= ms;
    }
    if (idleMs > 0) add(parts, `${claim}/`, dollarsOf(workload.volumeBytes, idleMs));
  }
  return parts;
}

function dollarsOf(bytes: number, ms: number): number {
  return Number(storageCost((BigInt(bytes) * BigInt(ms)) / 1_000n, DEFAULT_PRICE_BOOK)) / 1e12;
}

function add(sums: Record<string, number>, key: string, amount: number): void {
  sums[key] = (sums[key] ?? 0) + amount;
}

async function ledgerOf(batches: Iterable<SampleBatch>) {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, CLUSTER);
  await Promise.all(Array.from(batches, (batch) => lab.put({ tenant, cluster }, batch)));
  await lab.roll();
  const volumes = ofHour(await ledgerVolumes(lab, tenant));
  return { volumes, balancers: ofHour(await ledgerBalancers(lab, tenant)) };
}

function ofHour<T extends { readonly hour: number }>(rows: readonly T[]): T[] {
  return rows.filter(({ hour }) => hour === HOUR);
}

function byPart(rows: readonly LedgerVolume[]): Costs {
  return Object.fromEntries(
    rows.map(({ namespace, claim, pod, cost }) => [`${namespace}/${claim}/${pod}`, Number(cost)]),
  );
}

function sums<T extends { readonly cost: string }>(rows: readonly T[], keyOf: (row: T) => string): Costs {
  const costs: Record<string, number> = {};
  for (const row of rows) add(costs, keyOf(row), Number(row.cost));
  return costs;
}

/** To a tenth of a percent, and `rounding` dollars. */
function expectClose(found: Costs, wanted: Costs, rounding = 1e-11): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [key, want] of Object.entries(wanted)) {
    expect(Math.abs((found[key] ?? 0) - want), `${key}: ${found[key]} for ${want}`).toBeLessThanOrEqual(
      0.001 * want + rounding,
    );
  }
}

test('the hour has what is looked for: volumes, one of them without a pod for a while, and load balancers', () => {
  const { volumes, parts, balancers } = truth();
  expect(Object.keys(volumes).length).toBeGreaterThan(1);
  expect(Object.keys(parts).filter((key) => key.endsWith('/'))).toHaveLength(1);
  expect(Object.keys(balancers).length).toBeGreaterThan(0);
});

const watched = () => watchedBatch(fleet, { cluster: CLUSTER, from: HOUR - 10 * MINUTE_MS, to: HOUR + HOUR_MS });

function* points(): Generator<SampleBatch> {
  for (let at = HOUR - 10 * MINUTE_MS; at <= HOUR + HOUR_MS + 4 * MINUTE_MS; at += STEP_MS) {
    const told = [...seriesAt(fleet, { cluster: CLUSTER, at })];
    const series = told.map(({ labels }) => toSeries(labels));
    const block = {
      series,
      ids: BigUint64Array.from(series, ({ id }) => id),
      ats: new BigInt64Array(told.length).fill(BigInt(at)),
      values: Float64Array.from(told, ({ value }) => value),
    };
    yield { source: 'remote-write', containers: [], nodes: [], points: block };
  }
}

function* collected(): Generator<SampleBatch> {
  for (let at = HOUR - 10 * MINUTE_MS; at <= HOUR + HOUR_MS; at += STEP_MS) {
    for (const body of collectorPosts(fleet, { cluster: CLUSTER, at, extended: false })) {
      yield parseCollectorPost(JSON.parse(JSON.stringify(body)), { now: at, limits: SOURCE_LIMITS }).batch;
    }
  }
}

describe('volumes by who mounted them, and load balancers', () => {
  test.each([
    ['a watched API server alone', () => [watched()], 'kubernetes'],
    ['Prometheus series, at the prices that OpenCost gave them', points, 'remote-write'],
    ['collectors beside a watched API server', () => [...collected(), watched()], 'kubernetes'],
    ['Prometheus series beside a watched API server: once', () => [...points(), watched()], 'remote-write'],
  ])('%s', async (_, batches, source) => {
    const found = await ledgerOf(batches());
    const { parts, balancers } = truth();
    expectClose(byPart(found.volumes), parts);
    expectClose(
      sums(found.balancers, ({ namespace, service }) => `${namespace}/${service}`),
      balancers,
    );
    expect(new Set(found.volumes.map((row) => row.source))).toEqual(new Set([source]));
  });
});

test('reports of an operator: every claim, for as long as it was there', async () => {
  const { files } = kokuReports(fleet, { cluster: CLUSTER, from: HOUR, to: HOUR + HOUR_MS, columns: 20 });
  const facts: HourFact[] = [];
  const context = {
    now: HOUR + HOUR_MS,
    statedAt: HOUR + HOUR_MS,
    limits: { unpackedBytesMax: 1e9, futureMs: 0, oldestHour: 0 },
  };
  const merged = createMergedFacts();
  for (const text of files.values()) {
    const body = (async function* () {
      yield Buffer.from(text);
    })();
    await readReport(body, { take: (fact) => (facts.push(fact), undefined), merged, context });
  }
  const all = [...facts, ...merged.facts(context.statedAt)];
  const { volumes } = await ledgerOf([{ source: 'koku', containers: [], nodes: [], facts: all }]);
  expectClose(
    sums(volumes, ({ namespace, claim }) => `${namespace}/${claim}`),
    truth().volumes,
  );
});

test('allocations of Kubecost: what it states that pods paid for their volumes and balancers, to its rounding', async () => {
  const facts = Object.entries(kubecostSet(fleet, HOUR)).flatMap(([key, allocation]) => {
    const faults = { first: null };
    const context = { from: HOUR, to: HOUR + HOUR_MS, statedAt: HOUR + 2 * HOUR_MS, faults };
    const read = readAllocation(key, JSON.parse(JSON.stringify(allocation)), context);
    expect(faults.first).toBeNull();
    return read.facts;
  });
  const { volumes, balancers } = await ledgerOf([{ source: 'kubecost', containers: [], nodes: [], facts }]);
  const { parts, balancers: owed } = truth();
  const rounding = 2 * KUBECOST_ROUNDING;
  expectClose(byVolume(volumes), byClaim(parts), rounding);
  const namespaces = Object.entries(owed).map(([key, cost]) => ({
    namespace: key.split('/')[0] ?? '',
    cost: String(cost),
  }));
  expectClose(
    sums(balancers, (row) => row.namespace),
    sums(namespaces, (row) => row.namespace),
    50 * KUBECOST_ROUNDING,
  );
  expect(parseMoney(volumes[0]?.cost ?? '0')).toBeGreaterThan(0n);
});

/** Kubecost names volumes and no claims: the simulated server calls them `pv-<namespace>-<claim>`. */
function byVolume(rows: readonly LedgerVolume[]): Costs {
  return sums(rows, ({ volume, pod }) => `${volume}/${pod}`);
}

function byClaim(parts: Costs): Costs {
  return Object.fromEntries(
    Object.entries(parts).map(([key, cost]) => {
      const [namespace, claim, pod] = key.split('/');
      return [`pv-${namespace}-${claim}/${pod}`, cost];
    }),
  );
}
