import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { agentPost } from './agent-post.ts';
import { collectorPosts } from './collector-post.ts';
import { clusterOf, createFleet, type Fleet, podsOn } from './fleet.ts';
import type { PodRun } from './pod-runs.ts';
import { allocatable } from './scheduler.ts';
import { nodesAt, podsAt } from './snapshot.ts';
import { truthOf } from './truth.ts';
import { peakUsage } from './usage.ts';

const MONDAY = Date.UTC(2026, 0, 5);
const NO_AFTERLIFE = { completedMs: 0, deletedMs: 0 };

const digest = (value: unknown) =>
  createHash('sha256')
    .update(JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)))
    .digest('hex');

/** Everything that a fleet says of one moment. */
const said = (fleet: Fleet, at: number) =>
  digest(
    fleet.clusters.map(({ name }) => [
      agentPost(fleet, { cluster: name, at }),
      [...collectorPosts(fleet, { cluster: name, at })],
    ]),
  );

function allPods(fleet: Fleet, from: number, to: number): PodRun[] {
  return fleet.clusters.flatMap((cluster) => cluster.pods.flatMap((pods) => pods.within(from, to)));
}

describe('one seed is one fleet', () => {
  const demo = (seed: number) => createFleet({ preset: 'demo', seed, start: MONDAY });

  test('two fleets of one seed say the same bytes, and those of another seed do not', () => {
    const at = MONDAY + 9 * HOUR_MS;
    expect(said(demo(1), at)).toBe(said(demo(1), at));
    expect(said(demo(1), at)).not.toBe(said(demo(2), at));
  });

  test('what is said of a time does not depend on what was asked before', () => {
    const times = [0, 1, 170, 3 * 60, 3 * 60 - 1, 26 * 60, 6 * 24 * 60].map((minutes) => MONDAY + minutes * MINUTE_MS);
    const alone = times.map((at) => said(demo(3), at));
    const fleet = demo(3);
    truthOf(fleet, MONDAY + 50 * HOUR_MS);
    expect(times.toReversed().map((at) => said(fleet, at))).toEqual(alone.toReversed());
    expect(digest(truthOf(fleet, MONDAY + HOUR_MS))).toBe(digest(truthOf(demo(3), MONDAY + HOUR_MS)));
  });

  test('its start decides only where it begins', () => {
    const later = createFleet({ preset: 'demo', seed: 1, start: MONDAY + 2 * DAY_MS });
    expect(said(later, MONDAY + 3 * DAY_MS)).toBe(said(demo(1), MONDAY + 3 * DAY_MS));
  });

  test('pods and nodes of a week have identities of their own', () => {
    const fleet = demo(4);
    const pods = fleet.clusters.map((cluster) =>
      cluster.pods.flatMap((pods) => pods.within(MONDAY, MONDAY + 7 * DAY_MS)),
    );
    for (const runs of pods) {
      expect(new Set(runs.map((run) => run.uid)).size).toBe(runs.length);
      const named = runs.filter((run) => run.placement.workload.kind !== 'StatefulSet');
      expect(new Set(named.map((run) => `${run.placement.workload.namespace}/${run.name}@${run.node.name}`)).size).toBe(
        named.length,
      );
    }
    const nodes = fleet.clusters.flatMap(({ slots }) =>
      slots.flatMap((slot) => slot.nodes.within(MONDAY, MONDAY + 7 * DAY_MS)),
    );
    expect(new Set(nodes.map((node) => node.providerId)).size).toBe(nodes.length);
  });
});

describe('sizes', () => {
  const count = (fleet: Fleet, at: number) => {
    const posts = fleet.clusters.map(({ name }) => agentPost(fleet, { cluster: name, at }));
    const pods = posts.flatMap((post) => post.pod_metrics).filter((pod) => pod.phase === 'Running');
    return {
      nodes: posts.flatMap((post) => post.node_metrics).length,
      pods: pods.length,
      namespaces: new Set(pods.map((pod) => pod.namespace)).size,
    };
  };

  test('the presets are as large as they say', () => {
    const small = count(createFleet({ preset: 'small', seed: 1, start: MONDAY }), MONDAY + HOUR_MS);
    expect(small.nodes).toBe(3);
    expect(Math.abs(small.pods - 25)).toBeLessThanOrEqual(5);
    const demo = count(createFleet({ preset: 'demo', seed: 1, start: MONDAY }), MONDAY + 15 * HOUR_MS);
    expect(demo).toMatchObject({ nodes: 24, namespaces: 8 });
    expect(Math.abs(demo.pods - 300)).toBeLessThanOrEqual(30);
    const bench = count(
      createFleet({ preset: 'bench', containers: 1_000, clusters: 3, seed: 1, start: MONDAY }),
      MONDAY,
    );
    expect(Math.abs(bench.pods - 1_000)).toBeLessThanOrEqual(20);
  });

  test('options that make no sense are refused', () => {
    expect(() => createFleet({ preset: 'small', seed: 1, start: Number.NaN })).toThrow(AppError);
    expect(() => createFleet({ preset: 'small', seed: 1, start: 0, alignMs: 0 })).toThrow(AppError);
    expect(() => createFleet({ preset: 'bench', containers: -1, seed: 1, start: 0 })).toThrow(AppError);
    expect(() => clusterOf(createFleet({ preset: 'small', seed: 1, start: 0 }), 'nowhere')).toThrow(AppError);
  });
});

test('at any time requests fit into what a node can allocate, usage into its capacity, and pods run on a node that is there', () => {
  for (const preset of ['small', 'demo'] as const) {
    const fleet = createFleet({ preset, seed: 5, start: MONDAY });
    for (let at = MONDAY; at < MONDAY + 7 * DAY_MS; at += 97 * MINUTE_MS) {
      for (const slot of fleet.clusters.flatMap((cluster) => cluster.slots)) {
        for (const node of nodesAt(slot, at)) {
          const pods = [...podsAt(slot, at, { node, afterlife: NO_AFTERLIFE })];
          const { instance } = node.slot.pool;
          const room = allocatable(instance);
          const sum = (amount: (pod: (typeof pods)[number]) => number) =>
            pods.reduce((total, pod) => total + amount(pod), 0);
          const asked = (key: 'cpuRequest' | 'memoryRequest') =>
            sum(({ run }) => run.containers.reduce((total, { plan }) => total + (plan[key] ?? 0), 0));
          expect(asked('cpuRequest')).toBeLessThanOrEqual(room.cpu);
          expect(asked('memoryRequest')).toBeLessThanOrEqual(room.memory);
          expect(sum((pod) => pod.total.cpu)).toBeLessThanOrEqual(instance.cpuNanocores);
          expect(sum((pod) => pod.total.memory)).toBeLessThanOrEqual(instance.memoryBytes);
          expect(pods.length).toBeLessThanOrEqual(instance.podsMax);
        }
      }
    }
    for (const run of allPods(fleet, MONDAY, MONDAY + 7 * DAY_MS)) {
      expect(run.start).toBeLessThan(run.end);
      expect(run.start).toBeGreaterThanOrEqual(run.node.start);
      expect(run.end).toBeLessThanOrEqual(run.node.end);
    }
  }
});

test('no container ever uses more than its limit', () => {
  for (const preset of ['small', 'demo'] as const) {
    const { clusters } = createFleet({ preset, seed: 1, start: MONDAY });
    for (const { name, usage, cpuLimit, memoryLimit } of clusters.flatMap(({ plan }) =>
      plan.workloads.flatMap((workload) => workload.containers),
    )) {
      const peak = peakUsage(usage);
      expect(peak.cpu, name).toBeLessThanOrEqual(cpuLimit ?? peak.cpu);
      expect(peak.memory, name).toBeLessThanOrEqual(memoryLimit ?? peak.memory);
    }
  }
});

describe('the demo holds what makes real bills interesting, within its first week', () => {
  const fleet = createFleet({ preset: 'demo', seed: 1, start: MONDAY });
  const pods = allPods(fleet, MONDAY, MONDAY + 7 * DAY_MS);
  const plans = fleet.clusters.flatMap((cluster) => cluster.plan.workloads);
  const containers = plans.flatMap((workload) => workload.containers);
  const nodes = fleet.clusters.flatMap(({ slots }) =>
    slots.map((slot) => slot.nodes.within(MONDAY, MONDAY + 7 * DAY_MS)),
  );
  const runningAt = (name: string, at: number) =>
    pods.filter((run) => run.placement.workload.name === name && run.start <= at && at < run.end).length;

  const features: [name: string, occurs: boolean][] = [
    ['spot nodes', nodes.flat().some((node) => node.slot.pool.spot)],
    ['nodes without a price', nodes.flat().some((node) => node.hourlyPrice === null)],
    ['node replacement', nodes.some((generations) => generations.length > 1)],
    [
      'pods that move to the new node',
      new Set(pods.filter((run) => run.name === 'redis-0').map((run) => run.node.name)).size > 1,
    ],
    [
      'rollouts',
      new Set(pods.filter((run) => run.placement.workload.name === 'frontend').map((run) => run.ownerName)).size > 2,
    ],
    ['autoscaling', runningAt('runner', MONDAY + 13 * HOUR_MS) > runningAt('runner', MONDAY + 2 * HOUR_MS)],
    ['jobs of at most a minute', pods.some((run) => run.completes && run.end - run.start <= MINUTE_MS)],
    ['jobs of some minutes', pods.some((run) => run.completes && run.end - run.start > 5 * MINUTE_MS)],
    [
      'daemon sets on every node',
      nodes.flat().every((node) => pods.some((run) => run.node.name === node.name && run.ownerName === 'kube-proxy')),
    ],
    [
      'stateful sets with volumes',
      plans.some((workload) => workload.kind === 'StatefulSet' && workload.volumeBytes > 0),
    ],
    ['services with balancers', plans.some((workload) => workload.balancer)],
    ['pods of several containers', plans.some((workload) => workload.containers.length > 1)],
    [
      'containers without requests',
      containers.some((container) => container.cpuRequest === null && container.memoryRequest === null),
    ],
    ['requests far above usage', containers.some(({ cpuRequest, usage }) => (cpuRequest ?? 0) > 4 * usage.cpu)],
    ['requests below usage', containers.some(({ cpuRequest, usage }) => cpuRequest !== null && cpuRequest < usage.cpu)],
    ['bursts', containers.some(({ usage }) => usage.burstEvery > 0)],
    ['several teams and environments', new Set(plans.map((workload) => `${workload.team}/${workload.env}`)).size > 6],
  ];
  test.each(features)('%s', (_, occurs) => expect(occurs).toBe(true));
});

test('a slot tells only of pods on its own nodes', () => {
  const fleet = createFleet({ preset: 'demo', seed: 1, start: MONDAY });
  const { slots, pods } = clusterOf(fleet, 'production');
  const window = [MONDAY, MONDAY + 2 * HOUR_MS] as const;
  const bySlot = slots.flatMap((slot) => [...podsOn(slot, ...window)].map((run) => run.uid));
  expect(bySlot.toSorted()).toEqual(pods.flatMap((runs) => runs.within(...window).map((run) => run.uid)).toSorted());
});
