/** What can be seen of a slot at an instant: its nodes, the pods on them, and what these use right then. */
import { MINUTE_MS } from '../lib/clock.ts';
import { type FleetSlot, podsOn } from './fleet.ts';
import type { NodeRun } from './node-runs.ts';
import type { PodRun } from './pod-runs.ts';
import { type Usage, usageAt } from './usage.ts';

export interface SeenPod {
  readonly run: PodRun;
  readonly phase: 'Running' | 'Succeeded';
  /** Of each container, in order; `[]` when the pod has ended. */
  readonly usage: readonly Usage[];
  readonly total: Usage;
}

/** How long after its end a pod is still to be seen: a finished job until it is cleaned up, a deleted pod shortly. */
export interface Afterlife {
  readonly completedMs: number;
  readonly deletedMs: number;
}

export const AFTERLIFE: Afterlife = { completedMs: 5 * MINUTE_MS, deletedMs: 2 * MINUTE_MS };

const NOTHING: Usage = { cpu: 0, memory: 0, gpu: 0 };

export function nodesAt(slot: FleetSlot, at: number): NodeRun[] {
  return slot.nodes.within(at, at + 1);
}

/** The pods on one node at an instant, the ended ones that are still to be seen among them. */
export function* podsAt(
  slot: FleetSlot,
  at: number,
  options: { node?: NodeRun; afterlife: Afterlife },
): Generator<SeenPod> {
  const { node, afterlife } = options;
  const seenMs = Math.max(afterlife.completedMs, afterlife.deletedMs);
  for (const run of podsOn(slot, at - seenMs, at + 1)) {
    if (node && run.node !== node && run.node.name !== node.name) continue;
    if (at < run.end) yield runningPod(run, at);
    else if (at - run.end < (run.completes ? afterlife.completedMs : afterlife.deletedMs)) {
      yield { run, phase: 'Succeeded', usage: [], total: NOTHING };
    }
  }
}

function runningPod(run: PodRun, at: number): SeenPod {
  let cpu = 0;
  let memory = 0;
  let gpu = 0;
  const usage = run.containers.map(({ plan, track }) => {
    const used = usageAt(plan.usage, track, at);
    cpu += used.cpu;
    memory += used.memory;
    gpu += used.gpu;
    return used;
  });
  return { run, phase: 'Running', usage, total: { cpu, memory, gpu } };
}
