/**
 * The pods of a placement. A pod lives where three timelines meet: its replica is wanted, its version is the one rolled
 * out, and its node is there. When any of them moves on, the pod ends and another takes its place.
 */
import { HOUR_MS, SECOND_MS } from '../lib/clock.ts';
import { below, mix } from './hash.ts';
import type { NodeRun, NodeRuns } from './node-runs.ts';
import type { ContainerPlan } from './plan.ts';
import { type PodNames, podNames } from './pod-names.ts';
import type { Placement } from './scheduler.ts';
import type { Span } from './timeline.ts';
import type { UsageTrack } from './usage.ts';
import { presenceOf, versionsOf } from './workload-times.ts';

/** One pod, from when its first container starts to when its last one ends. */
export interface PodRun extends PodNames {
  readonly placement: Placement;
  readonly node: NodeRun;
  readonly start: number;
  readonly end: number;
  /** Whether its work is done when it ends: such a pod stays to be seen. Others are deleted. */
  readonly completes: boolean;
  readonly containers: readonly ContainerRun[];
  readonly receivedBytesPerSecond: number;
}

/** A container of a pod. The containers of one pod share their segments. */
export interface ContainerRun {
  readonly plan: ContainerPlan;
  readonly track: UsageTrack;
}

export interface PodRuns {
  readonly placement: Placement;
  /** The pods that run at some time in [from, to), in order of their starts on each node. */
  within(from: number, to: number): readonly PodRun[];
}

export interface PodRunsOptions {
  readonly placement: Placement;
  /** The nodes of each home of the placement, in its order. */
  readonly homes: readonly NodeRuns[];
  /** Of the fleet and the cluster. */
  readonly seed: number;
  readonly alignMs: number;
}

/** Pods are worked out for so much time at once and remembered: long against a sampling step, short against memory. */
const CHUNK_MS = 3 * HOUR_MS;
/** Length of a usage segment where nothing is aligned to a sampling step. */
const FREE_SEGMENT_MS = 20 * SECOND_MS;
/** How long a pod that takes another's place needs until it runs. */
const RESTART_MS = { min: 3 * SECOND_MS, range: 20 * SECOND_MS };
const RECEIVED_BYTES_PER_SECOND_MAX = 200_000;

export function createPodRuns(options: PodRunsOptions): PodRuns {
  const lives = livesOf(options);
  let known: { from: number; to: number; runs: readonly PodRun[] } = { from: 0, to: 0, runs: [] };

  return {
    placement: options.placement,
    within(from, to) {
      if (from < known.from || to > known.to) {
        const chunk = { from: Math.floor(from / CHUNK_MS) * CHUNK_MS, to: Math.ceil(to / CHUNK_MS) * CHUNK_MS };
        known = { ...chunk, runs: [...lives(chunk.from, chunk.to)].map((life) => createRun(options, life)) };
      }
      const meets = (run: PodRun) => run.start < to && run.end > from;
      return known.runs.every(meets) ? known.runs : known.runs.filter(meets);
    },
  };
}

/** Where and when a pod is, before it has a name. */
interface Life {
  readonly node: NodeRun;
  readonly start: number;
  readonly end: number;
  readonly presence: Span;
  readonly version: Span;
}

type Lives = (from: number, to: number) => Iterable<Life>;

function livesOf(options: PodRunsOptions): Lives {
  const { placement, homes, seed, alignMs } = options;
  const versions = versionsOf(placement, { seed, alignMs });
  const restartMs = (at: number) =>
    alignMs > 1 ? alignMs : RESTART_MS.min + below(mix(mix(seed, placement.replica), at), RESTART_MS.range);

  if (placement.workload.presence.kind === 'every-node') {
    return function* onEveryNode(from, to) {
      for (const node of homes.flatMap((nodes) => nodes.within(from, to))) {
        const presence: Span = { index: node.generation, start: node.start, end: node.end, active: true };
        for (let at = Math.max(from, node.start); at < Math.min(to, node.end); ) {
          const version = versions(at);
          const begin = Math.max(version.start, node.start);
          const life = {
            node,
            start: begin + restartMs(begin),
            end: Math.min(version.end, node.end),
            presence,
            version,
          };
          if (life.start < life.end) yield life;
          at = life.end;
        }
      }
    };
  }

  const presences = presenceOf(placement, { seed, alignMs });
  return function* atHome(from, to) {
    for (let at = from; at < to; ) {
      const presence = presences(at);
      const version = versions(at);
      const home = homes[mix(seed, presence.index) % homes.length];
      if (!home) return;
      const generation = home.generationAt(at);
      const begin = Math.max(presence.start, version.start, generation.start);
      const end = Math.min(presence.end, version.end, generation.end);
      const start = begin === presence.start ? begin : begin + restartMs(begin);
      if (presence.active && start < end) yield { node: generation.node, start, end, presence, version };
      at = end;
    }
  };
}

function createRun({ placement, seed, alignMs }: PodRunsOptions, life: Life): PodRun {
  const { workload, replica } = placement;
  const { node, start, end, presence, version } = life;
  // Two words, so that no two of very many pods share an identity.
  const words: [number, number] = [mix(seed, replica), mix(mix(seed, start), mix(replica, 1))];
  const turn = node.generation + presence.index + version.index;
  const seedOfPod = mix(words[0], words[1]);
  const segments = alignMs > 1 ? { segmentMs: alignMs, phaseMs: 0 } : freeSegments(seedOfPod);
  return {
    ...podNames(placement, { words, turn, scheduledAt: presence.start, version: version.index, seed }),
    placement,
    node,
    start,
    end,
    completes: workload.kind === 'CronJob' && end === presence.end,
    containers: workload.containers.map((plan, index) => ({
      plan,
      track: { ...segments, seed: mix(seedOfPod, index), startMs: start },
    })),
    receivedBytesPerSecond: below(words[1], RECEIVED_BYTES_PER_SECOND_MAX),
  };
}

function freeSegments(seed: number): Pick<UsageTrack, 'segmentMs' | 'phaseMs'> {
  return { segmentMs: FREE_SEGMENT_MS, phaseMs: below(seed, FREE_SEGMENT_MS) };
}
