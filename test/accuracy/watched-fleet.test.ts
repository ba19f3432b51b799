import { expect, test } from 'vitest';
import type { ContainerSample } from '../../src/core/samples.ts';
import { HOUR_MS, SECOND_MS } from '../../src/lib/clock.ts';
import { asksOf } from '../../src/sim/asks.ts';
import { clusterOf, createFleet } from '../../src/sim/fleet.ts';
import { watchedBatch } from '../../src/sim/kubernetes-samples.ts';
import type { PodRun } from '../../src/sim/pod-runs.ts';
import { readPod } from '../../src/sources/kubernetes/pod.ts';
import { createPodLives, HEARTBEAT_MS } from '../../src/sources/kubernetes/pod-lives.ts';
import { podObject } from '../support/kubernetes-objects.ts';

/** The fleet as its API server would write it, through the reader of that API: what the simulation says was watched. */

const MONDAY = Date.UTC(2026, 0, 5);
const FROM = MONDAY + 10 * HOUR_MS;
const TO = FROM + 2 * HOUR_MS;
const fleet = createFleet({ preset: 'small', seed: 8, start: MONDAY, alignMs: 30 * SECOND_MS });

test.each(fleet.clusters.map(({ plan }) => plan.name))('%s is watched as it was simulated', (cluster) => {
  const told = watched(clusterOf(fleet, cluster).pods.flatMap((pods) => [...pods.within(FROM, TO)]));
  const want = watchedBatch(fleet, { cluster, from: FROM, to: TO }).containers.map(comparable);
  expect(want.length).toBeGreaterThan(100);
  expect(
    told
      .filter(({ at }) => at >= FROM && at < TO)
      .map(comparable)
      .toSorted(),
  ).toEqual(want.toSorted());
});

function watched(runs: readonly PodRun[]): ContainerSample[] {
  const samples: ContainerSample[] = [];
  let now = FROM;
  const lives = createPodLives({
    clock: { now: () => now },
    controllerOf: () => ({ kind: '', name: '' }),
    hasNode: () => true,
    nodeLabelsOf: () => ({}),
    emit: (sample) => void samples.push(sample),
  });
  for (const run of runs.filter(({ start }) => start < FROM)) lives.put(readPod(written(run, FROM)));
  for (; now < TO; now += SECOND_MS) {
    for (const run of runs) {
      if (run.start === now) lives.put(readPod(written(run, now)));
      if (run.end !== now) continue;
      const pod = readPod(written(run, now));
      lives.put(pod);
      if (!run.completes) lives.gone(pod, now);
    }
    if (now % HEARTBEAT_MS === 0) samples.push(...lives.heartbeat(now));
  }
  return samples;
}

function written({ name, uid, labels, node, start, end, placement: { workload } }: PodRun, at: number) {
  const asks = asksOf(workload).containers;
  const containers = workload.containers.map(({ name: container }, index) => ({
    name: container,
    requests: { ...asks[index]?.requests },
    limits: { ...asks[index]?.limits },
    state: at < end ? { running: start } : { terminated: [start, end] as const },
  }));
  const { namespace } = workload;
  return podObject({ uid, name, namespace, node: node.name, labels: { ...labels }, createdAt: start, containers });
}

/** What both must say alike. The owner is another matter, and what is not asked for is 0 here and unknown there. */
function comparable(sample: ContainerSample): string {
  const { at, node, namespace, pod, podUid, container, phase, startedAt, endedAt, labels } = sample;
  const amounts = [sample.cpuRequest, sample.cpuLimit, sample.memoryRequest, sample.memoryLimit].map((it) => it || 0);
  const life = [at, phase, startedAt, endedAt];
  return JSON.stringify([
    podUid,
    container,
    ...life,
    node,
    namespace,
    pod,
    ...amounts,
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .toSorted(),
  ]);
}
