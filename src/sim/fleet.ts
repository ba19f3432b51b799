/**
 * A fleet of clusters that never was, known exactly: what ran where, when, and what it used. It is a pure function of its
 * seed and of time, so that any hour can be asked for alone, in any order, and two fleets of one seed agree to the byte.
 *
 * What it tells of itself comes in two kinds: the truth (`truth.ts`), integrated analytically, and what an agent or a
 * collector would have seen (`agent-post.ts`, `collector-post.ts`).
 */
import { AppError } from '../lib/errors.ts';
import { hashText } from './hash.ts';
import { createNodeRuns, type NodeRuns } from './node-runs.ts';
import type { ClusterPlan } from './plan.ts';
import { createPodRuns, type PodRun, type PodRuns } from './pod-runs.ts';
import { type Preset, planOf } from './presets.ts';
import { nodeSlots, type Placement, place } from './scheduler.ts';

export type FleetOptions = Preset & {
  readonly seed: number;
  /** Milliseconds. What runs then may have started before; nothing is told of the time before. */
  readonly start: number;
  /**
   * Where given, everything that changes changes at a multiple of this, so that samples taken there, each held until the
   * next, carry the truth exactly. Jobs then last at least so long. Absent: everything moves freely, to the millisecond.
   */
  readonly alignMs?: number;
};

export interface Fleet {
  readonly start: number;
  /** 1 where nothing is aligned. */
  readonly alignMs: number;
  readonly clusters: readonly FleetCluster[];
}

export interface FleetCluster {
  readonly name: string;
  readonly plan: ClusterPlan;
  /** One for each node slot: what its nodes are, and the pods that may run on them. */
  readonly slots: readonly FleetSlot[];
  /** Every placement once. */
  readonly pods: readonly PodRuns[];
}

export interface FleetSlot {
  readonly index: number;
  readonly nodes: NodeRuns;
  readonly pods: readonly PodRuns[];
}

/** Throws AppError `invalid_config` where the options are out of range. */
export function createFleet(options: FleetOptions): Fleet {
  const { seed, start, alignMs = 1 } = options;
  atLeast(start, 0, 'start a fleet at');
  atLeast(alignMs, 1, 'align a fleet to milliseconds of');
  if (options.preset === 'bench') {
    atLeast(options.containers, 1, 'make a fleet of containers:');
    atLeast(options.clusters ?? 1, 1, 'make a fleet of clusters:');
  }
  const clusters = planOf(options).map((plan) => createCluster(plan, hashText(plan.name, seed), alignMs));
  return { start, alignMs, clusters };
}

function atLeast(value: number, min: number, what: string): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new AppError('invalid_config', `cannot ${what} ${value}; it must be a whole number, at least ${min}`);
}

function createCluster(plan: ClusterPlan, seed: number, alignMs: number): FleetCluster {
  const slots = nodeSlots(plan, seed);
  const nodes = slots.map((slot) => createNodeRuns(plan, slot, alignMs));
  const nodesOf = ({ homes }: Placement) => homes.flatMap((home) => nodes[home.index] ?? []);
  const pods = place(plan, slots).map((placement) => {
    const { namespace, name } = placement.workload;
    const workloadSeed = hashText(`${namespace}/${name}`, seed);
    return createPodRuns({ placement, homes: nodesOf(placement), seed: workloadSeed, alignMs });
  });
  const podsBySlot = nodes.map((): PodRuns[] => []);
  for (const runs of pods) {
    for (const index of new Set(runs.placement.homes.map((home) => home.index))) podsBySlot[index]?.push(runs);
  }
  return {
    name: plan.name,
    plan,
    pods,
    slots: nodes.map((nodes, index) => ({ index, nodes, pods: podsBySlot[index] ?? [] })),
  };
}

/** Throws AppError `not_found` where the fleet has no such cluster. */
export function clusterOf(fleet: Fleet, name: string): FleetCluster {
  const cluster = fleet.clusters.find((cluster) => cluster.name === name);
  if (!cluster) throw new AppError('not_found', `the fleet has no cluster "${name}"`);
  return cluster;
}

/** The pods on the nodes of a slot at some time in [from, to). */
export function* podsOn(slot: FleetSlot, from: number, to: number): Generator<PodRun> {
  for (const runs of slot.pods) {
    for (const run of runs.within(from, to)) {
      if (run.node.slot.index === slot.index) yield run;
    }
  }
}
