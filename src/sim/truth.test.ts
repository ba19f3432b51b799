import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_PRICE_BOOK, totalCost } from '../core/pricing.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { formatMoney, type Money } from '../lib/money.ts';
import { type CollectorPod, collectorPosts } from './collector-post.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { integrate } from './integral.ts';
import { type ContainerTruth, type HourTruth, truthOf } from './truth.ts';
import { usageAt } from './usage.ts';

const MONDAY = Date.UTC(2026, 0, 5);
const demo = createFleet({ preset: 'demo', seed: 1, start: MONDAY });
const hourOfWeek = fc.integer({ min: 0, max: 7 * 24 - 1 }).map((hour) => MONDAY + hour * HOUR_MS);

const max = (a: number, b: number) => (a > b ? a : b);

test('the integral is what adding up every millisecond gives', () => {
  const pods = demo.clusters.flatMap((cluster) =>
    cluster.pods.flatMap((pods) => pods.within(MONDAY, MONDAY + 3 * HOUR_MS)),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...pods),
      fc.nat(3 * HOUR_MS),
      fc.integer({ min: 1, max: 70_000 }),
      (run, offset, lengthMs) => {
        const from = MONDAY + offset;
        const to = from + lengthMs;
        const sums = run.containers.map(() => ({
          runMs: 0,
          cpuUsage: 0n,
          cpuHeld: 0n,
          memoryUsage: 0n,
          memoryHeld: 0n,
        }));
        for (let at = Math.max(from, run.start); at < Math.min(to, run.end); at++) {
          for (const [i, { plan, track }] of run.containers.entries()) {
            const used = usageAt(plan.usage, track, at);
            const sum = sums[i];
            if (!sum) continue;
            sum.runMs += 1;
            sum.cpuUsage += BigInt(used.cpu);
            sum.cpuHeld += BigInt(max(used.cpu, plan.cpuRequest ?? 0));
            sum.memoryUsage += BigInt(used.memory);
            sum.memoryHeld += BigInt(max(used.memory, plan.memoryRequest ?? 0));
          }
        }
        const parts = integrate(run, { from, to }, 'container');
        expect(
          parts.map(({ runMs, cpuUsage, cpuHeld, memoryUsage, memoryHeld }) => ({
            runMs,
            cpuUsage,
            cpuHeld,
            memoryUsage,
            memoryHeld,
          })),
        ).toEqual(sums.filter((sum) => sum.runMs > 0));
        for (const part of parts) {
          const plan = run.containers.find(({ plan }) => plan.name === part.container)?.plan;
          expect(part.cpuRequest).toBe(BigInt(plan?.cpuRequest ?? 0) * BigInt(part.runMs));
          expect(part.memoryRequest).toBe(BigInt(plan?.memoryRequest ?? 0) * BigInt(part.runMs));
        }
      },
    ),
    { numRuns: 60 },
  );
});

describe('every hour of every node adds up', () => {
  const f = (truth: HourTruth) => {
    for (const { nodes, containers } of truth.clusters) {
      const charges = Map.groupBy(containers, (container) => container.node);
      expect([...charges.keys()].every((name) => nodes.some(({ node }) => node === name))).toBe(true);
      for (const { node, cost, idle, hourlyPrice, coveredMs } of nodes) {
        const charged = (charges.get(node) ?? []).reduce((sum, container) => sum + totalCost(container.cost), 0n);
        expect(charged + totalCost(idle)).toBe(totalCost(cost));
        if (hourlyPrice !== null) expect(totalCost(cost)).toBe((hourlyPrice * BigInt(coveredMs)) / BigInt(HOUR_MS));
      }
    }
  };

  test('charges and idle are the cost of the node exactly', () => {
    fc.assert(
      fc.property(hourOfWeek, fc.constantFrom('container' as const, 'pod' as const), (hour, grain) =>
        f(truthOf(demo, hour, { grain })),
      ),
      { numRuns: 25 },
    );
  });

  test('with any price book', () => {
    const rate = fc.bigInt(1n, 10n ** 12n).map((pico) => pico as Money);
    const books = fc.record({ cpuCoreHour: rate, ramGibHour: rate, spotCpuCoreHour: rate, spotRamGibHour: rate });
    fc.assert(
      fc.property(hourOfWeek, books, (hour, rates) =>
        f(truthOf(demo, hour, { book: { ...DEFAULT_PRICE_BOOK, ...rates } })),
      ),
      { numRuns: 10 },
    );
  });
});

test('the demo has hours of idle and hours of overcommitment', () => {
  const nodes = Array.from({ length: 24 }, (_, hour) =>
    truthOf(demo, MONDAY + hour * HOUR_MS).clusters.flatMap((cluster) => cluster.nodes),
  ).flat();
  expect(nodes.some((node) => node.idle.cpu > 0n)).toBe(true);
  expect(nodes.some((node) => node.idle.cpu < 0n)).toBe(true);
});

test('a pod is held to its sums where its containers are not told apart, which is never more than theirs', () => {
  const sum = (truth: HourTruth, key: 'cpuUsage' | 'cpuHeld' | 'memoryHeld') =>
    truth.clusters.flatMap((cluster) => cluster.containers).reduce((total, container) => total + container[key], 0n);
  const [containers, pods] = [truthOf(demo, MONDAY, { grain: 'container' }), truthOf(demo, MONDAY, { grain: 'pod' })];
  expect(sum(pods, 'cpuUsage')).toBe(sum(containers, 'cpuUsage'));
  expect(sum(pods, 'cpuHeld')).toBeLessThan(sum(containers, 'cpuHeld'));
  expect(sum(pods, 'memoryHeld')).toBeLessThan(sum(containers, 'memoryHeld'));
});

test('volumes and balancers cost what they hold, whether or not a pod runs', () => {
  const [production] = truthOf(demo, MONDAY).clusters;
  const warehouse = production?.volumes.find((volume) => volume.claim === 'data-warehouse-0');
  expect(warehouse).toMatchObject({ namespace: 'data', bytes: 500 * 2 ** 30, byteSeconds: 500n * 2n ** 30n * 3_600n });
  expect(formatMoney(warehouse?.cost ?? (0n as Money))).toBe('0.02739726');
  expect(production?.balancers.map(({ service, cost }) => `${service} ${formatMoney(cost)}`)).toContain(
    'frontend 0.0225',
  );
});

test('only hours of the fleet can be asked for, and its first one begins with it', () => {
  const late = createFleet({ preset: 'small', seed: 1, start: MONDAY + 20 * MINUTE_MS });
  const nodes = truthOf(late, MONDAY).clusters.flatMap((cluster) => cluster.nodes);
  expect(Math.max(...nodes.map((node) => node.coveredMs))).toBe(40 * MINUTE_MS);
  expect(() => truthOf(late, MONDAY - HOUR_MS)).toThrow(AppError);
  expect(() => truthOf(late, MONDAY + 1)).toThrow(AppError);
});

describe('what samples carry', () => {
  const STEP_MS = 30 * SECOND_MS;

  /** Holds every sample until the next and cuts at known starts and ends, as the ledger does. Core-milliseconds of usage, by pod. */
  function heldFromPosts(fleet: Fleet, hour: number): Map<string, number> {
    const held = new Map<string, number>();
    for (const { name } of fleet.clusters) {
      const samples = new Map<string, { at: number; pod: CollectorPod }[]>();
      for (let at = hour - 2 * STEP_MS; at < hour + HOUR_MS + STEP_MS; at += STEP_MS) {
        for (const post of collectorPosts(fleet, { cluster: name, at })) {
          const at = Date.parse(post.timestamp);
          for (const pod of post.pods) samples.set(pod.pod_id, [...(samples.get(pod.pod_id) ?? []), { at, pod }]);
        }
      }
      for (const [id, seen] of samples) held.set(id, integralOf(seen, hour));
    }
    return held;
  }

  function integralOf(seen: { at: number; pod: CollectorPod }[], hour: number): number {
    const ended = seen.map(({ pod }) => pod.pod_end_time).find((time) => time !== undefined);
    const endedAt = ended === undefined ? Number.POSITIVE_INFINITY : Date.parse(ended);
    return seen.reduce((sum, { at, pod }, i) => {
      const startedAt = Date.parse(pod.pod_start_time);
      const from = Math.max(hour, i === 0 && at - startedAt < 2 * STEP_MS ? startedAt : at);
      const to = Math.min(seen[i + 1]?.at ?? at + STEP_MS, endedAt, hour + HOUR_MS);
      return sum + Math.max(0, to - from) * (pod.cpu_usage_cores ?? 0);
    }, 0);
  }

  const trueUsage = (containers: readonly ContainerTruth[]) =>
    new Map(containers.map((pod) => [pod.podUid, Number(pod.cpuUsage) / 1e9]));
  const total = (byPod: Map<string, number>) => [...byPod.values()].reduce((sum, value) => sum + value, 0);

  test('aligned, they carry the truth of every pod', () => {
    const aligned = createFleet({ preset: 'small', seed: 8, start: MONDAY, alignMs: STEP_MS });
    const hours = Array.from({ length: 24 }, (_, i) => MONDAY + (i + 1) * HOUR_MS);
    const replaced =
      hours.find((hour) => truthOf(aligned, hour).clusters.some(({ nodes }) => nodes.length > 3)) ?? MONDAY;
    for (const hour of [MONDAY + 3 * HOUR_MS, replaced]) {
      const truth = trueUsage(
        truthOf(aligned, hour, { grain: 'pod' }).clusters.flatMap((cluster) => cluster.containers),
      );
      const held = heldFromPosts(aligned, hour);
      for (const [id, want] of truth) expect(held.get(id), id).toBeCloseTo(want, 3);
      expect(total(held)).toBeCloseTo(total(truth), 3);
    }
  });

  test('free-running, they come within two per cent in sum', () => {
    const free = createFleet({ preset: 'small', seed: 8, start: MONDAY });
    const hour = MONDAY + 10 * HOUR_MS;
    const want = total(
      trueUsage(truthOf(free, hour, { grain: 'pod' }).clusters.flatMap((cluster) => cluster.containers)),
    );
    expect(Math.abs(total(heldFromPosts(free, hour)) / want - 1)).toBeLessThan(0.02);
  });
});
