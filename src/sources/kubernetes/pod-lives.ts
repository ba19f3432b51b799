import type { Controller } from '../../core/controller.ts';
import type { ContainerSample } from '../../core/samples.ts';
import { type Clock, HOUR_MS, MINUTE_MS } from '../../lib/clock.ts';
import { type ContainerOfPod, containerSample } from './container-sample.ts';
import type { ContainerRecord, ContainerRun, Labels, PodRecord } from './records.ts';

/**
 * The lives of all containers, from what the API tells of their pods.
 *
 * Each change becomes a sample at the instant that it happened: a start, an end, a resize in place, a wait (an image is
 * pulled, a crash waited out). Each is told once, however often the API tells it. A container that runs is told again at
 * every `HEARTBEAT_MS` of the clock, so that an hour long after its start still knows of it.
 *
 * What this rests on:
 * - Instants of the API are whole seconds. A restart in the second that the last run ended in is told 1 ms after that end:
 *   two samples of one container at one instant would be one to the store.
 * - An end may be heard of after a heartbeat that it lies before. A sample that repeats the end, 1 ms after that heartbeat,
 *   then takes back what it said.
 * - What began more than `BACKFILL_MS` before it was first seen is not told at that time: a restart of ours must not make
 *   weeks of hours due. Heartbeats carry the start all the same.
 */
export interface PodLives {
  put(pod: PodRecord): void;
  /** Ends what still ran, at `endAt`, or before it where another pod of the name was made: two cannot be. */
  gone(pod: PodRecord, endAt: number): void;
  /**
   * One sample for each container that ran at `at`, a multiple of `HEARTBEAT_MS`, on a node that is there. Not for those
   * that were told of at `at` or soon after: what they are now may not be what they were then.
   */
  heartbeat(at: number): ContainerSample[];
  /** Pods that are there. */
  readonly size: number;
}

interface PodLivesDeps {
  readonly clock: Clock;
  readonly controllerOf: (pod: PodRecord) => Controller;
  readonly hasNode: (name: string) => boolean;
  /** Labels of a node, which say how its GPUs are shared; none where it is not known. */
  readonly nodeLabelsOf: (name: string) => Labels;
  readonly emit: (sample: ContainerSample) => void;
}

export const HEARTBEAT_MS = 5 * MINUTE_MS;
export const BACKFILL_MS = 6 * HOUR_MS;

/** The newest run of a container that was told of, and what it was held to then. */
interface Told {
  run: ContainerRun | null;
  waiting: boolean;
  resources: string;
  /** Instant of the last sample of `run` that was no heartbeat. */
  at: number;
}

interface Life {
  pod: PodRecord;
  /** By place in `pod.containers`, which never changes in a pod's life. */
  readonly told: Told[];
}

export function createPodLives(deps: PodLivesDeps): PodLives {
  const lives = new Map<string, Life>();
  /** The pod that has a name now. */
  const namesakes = new Map<string, PodRecord>();
  let lastBeatAt = 0;

  function tell(who: ContainerOfPod, at: number, run: ContainerRun | null): void {
    deps.emit(containerSample(who, at, run));
    if (run === null || run.endedAt === null) return;
    for (let beat = lastBeatAt; beat >= run.endedAt && beat > lastBeatAt - BACKFILL_MS; beat -= HEARTBEAT_MS) {
      if (beat >= run.startedAt) deps.emit(containerSample(who, beat + 1, run));
    }
  }

  function put(pod: PodRecord): void {
    const known = lives.get(pod.uid);
    const life = known ?? { pod, told: [] };
    life.pod = pod;
    lives.set(pod.uid, life);
    namesakes.set(`${pod.namespace}/${pod.name}`, pod);
    if (pod.node === '') return;
    const now = deps.clock.now();
    const since = known === undefined ? now - BACKFILL_MS : 0;
    const controller = deps.controllerOf(pod);
    for (const [index, container] of pod.containers.entries()) {
      const told = (life.told[index] ??= { run: null, waiting: false, resources: '', at: 0 });
      const who = { pod, container, controller, nodeLabels: deps.nodeLabelsOf(pod.node) };
      tellRuns(who, told, { since, tell });
      tellRest(who, told, { now, tell });
    }
  }

  return {
    put,
    gone(pod, endAt) {
      const life = lives.get(pod.uid);
      if (!life) return;
      lives.delete(pod.uid);
      const name = `${pod.namespace}/${pod.name}`;
      const successor = namesakes.get(name);
      if (successor?.uid === pod.uid) namesakes.delete(name);
      const lastAt = successor && successor.uid !== pod.uid ? Math.min(endAt, successor.createdAt) : endAt;
      const controller = deps.controllerOf(life.pod);
      const nodeLabels = deps.nodeLabelsOf(pod.node);
      for (const [index, container] of life.pod.containers.entries()) {
        const run = life.told[index]?.run;
        if (!run || run.endedAt !== null) continue;
        const endedAt = Math.max(lastAt, run.startedAt);
        tell({ pod: life.pod, container, controller, nodeLabels }, endedAt, { ...run, endedAt });
      }
    },
    heartbeat(at) {
      lastBeatAt = Math.max(lastBeatAt, at);
      const samples: ContainerSample[] = [];
      for (const { pod, told } of lives.values()) {
        if (!deps.hasNode(pod.node)) continue; // a lost node's pods are told as running until somebody collects them
        const controller = deps.controllerOf(pod);
        const nodeLabels = deps.nodeLabelsOf(pod.node);
        for (const [index, container] of pod.containers.entries()) {
          const { run = null, at: toldAt = 0 } = told[index] ?? {};
          if (!run || !ranAt(run, at) || (toldAt >= at && toldAt < at + HEARTBEAT_MS)) continue;
          samples.push(containerSample({ pod, container, controller, nodeLabels }, at, { ...run, endedAt: null }));
        }
      }
      return samples;
    },
    get size() {
      return lives.size;
    },
  };
}

type Tell = (who: ContainerOfPod, at: number, run: ContainerRun | null) => void;

/** Starts and ends that were not told yet. */
function tellRuns(who: ContainerOfPod, told: Told, { since, tell }: { since: number; tell: Tell }): void {
  for (const run of who.container.runs) {
    const before = told.run;
    if (before && run.startedAt < before.startedAt) continue;
    const isNew = before === null || run.startedAt > before.startedAt || isNextRun(before, run);
    if (!isNew && (before.endedAt !== null || run.endedAt === null)) continue;
    const endedUnseen = isNew && before?.endedAt === null;
    const last = endedUnseen ? { ...before, endedAt: run.startedAt, failed: true } : before;
    if (endedUnseen) tell(who, run.startedAt, last); // at the latest: this one has begun
    told.run = run;
    told.waiting = false;
    // A run that was over in the second that it began in cost nothing; its start would be held until something follows.
    if (isNew && run.startedAt === run.endedAt) continue;
    if (isNew && run.startedAt >= since) {
      told.at = startInstant(run, last);
      tell(who, told.at, { ...run, endedAt: null });
    }
    if (run.endedAt !== null && run.endedAt >= since) tell(who, run.endedAt, run);
  }
}

/** A restart in the second of the last run's start: both runs began, and the last one ended, in one second. */
function isNextRun(before: ContainerRun, run: ContainerRun): boolean {
  return run.startedAt === before.startedAt && before.endedAt === before.startedAt && run.endedAt !== before.endedAt;
}

function startInstant(run: ContainerRun, before: ContainerRun | null): number {
  return before?.endedAt === run.startedAt ? run.startedAt + 1 : run.startedAt;
}

/** What is no run: a wait, a resize in place, and an end that only the pod tells (an eviction, a lost node). */
function tellRest(who: ContainerOfPod, told: Told, { now, tell }: { now: number; tell: Tell }): void {
  const { pod, container } = who;
  const { run } = told;
  const isOver = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  if (isOver && run && run.endedAt === null) {
    told.run = { ...run, endedAt: Math.max(now, run.startedAt), failed: pod.phase === 'Failed' };
    tell(who, Math.max(now, run.startedAt), told.run);
  }
  if (container.waiting && !told.waiting && !isOver) tell(who, Math.max(now, (run?.endedAt ?? 0) + 1), null);
  told.waiting = container.waiting;

  const resources = resourcesOf(container);
  const isResized = told.resources !== '' && told.resources !== resources;
  if (isResized && told.run && told.run.endedAt === null) {
    told.at = Math.max(now, told.run.startedAt + 1);
    tell(who, told.at, told.run);
  }
  told.resources = resources;
}

function resourcesOf({ cpuRequest, cpuLimit, memoryRequest, memoryLimit }: ContainerRecord): string {
  return `${cpuRequest}/${cpuLimit}/${memoryRequest}/${memoryLimit}`;
}

function ranAt({ startedAt, endedAt }: ContainerRun, at: number): boolean {
  return startedAt <= at && (endedAt === null || endedAt > at);
}
