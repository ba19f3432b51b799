/** The nodes of a slot: generations that overlap for some minutes while one takes over from the other. */
import { MINUTE_MS } from '../lib/clock.ts';
import { type Money, parseMoney } from '../lib/money.ts';
import { SPOT_PERCENT } from './catalog.ts';
import { hex, mix, modulo } from './hash.ts';
import type { ClusterPlan, PoolPlan } from './plan.ts';
import type { NodeSlot } from './scheduler.ts';
import { cycle, type Span } from './timeline.ts';

/** One node, from when it joins to when it is gone. */
export interface NodeRun {
  readonly slot: NodeSlot;
  readonly generation: number;
  readonly name: string;
  readonly providerId: string;
  readonly start: number;
  readonly end: number;
  /** US dollars per hour as its source reports it; `null` where it reports none. */
  readonly hourlyPrice: Money | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** A generation of a slot: pods go to its node from `start` on, and are drained from it at `end`. */
export interface Generation extends Span {
  readonly node: NodeRun;
}

export interface NodeRuns {
  generationAt(at: number): Generation;
  /** The nodes that are there at some time in [from, to), the oldest first. */
  within(from: number, to: number): NodeRun[];
}

/** How long before the hand-over a new node joins, and how long after it the old one stays. */
const OVERLAP_MS = 3 * MINUTE_MS;
const LIFE_JITTER = 0.3;

export function createNodeRuns(plan: ClusterPlan, slot: NodeSlot, alignMs: number): NodeRuns {
  const { nodeLifeMs } = slot.pool;
  const spanAt = cycle({ seed: slot.seed, periodMs: nodeLifeMs, jitterMs: nodeLifeMs * LIFE_JITTER, alignMs });
  const overlapMs = Math.ceil(OVERLAP_MS / alignMs) * alignMs;
  let last: Generation | undefined;

  function generationAt(at: number): Generation {
    if (last && at >= last.start && at < last.end) return last;
    const span = spanAt(at);
    last = { ...span, node: createNode({ plan, slot, span, overlapMs }) };
    return last;
  }

  function within(from: number, to: number): NodeRun[] {
    const nodes: NodeRun[] = [];
    for (let at = from - overlapMs; at < to + overlapMs; ) {
      const { node, end } = generationAt(at);
      if (node.start < to && node.end > from) nodes.push(node);
      at = end;
    }
    return nodes;
  }

  return { generationAt, within };
}

interface NodeOptions {
  readonly plan: ClusterPlan;
  readonly slot: NodeSlot;
  readonly span: Span;
  readonly overlapMs: number;
}

function createNode({ plan, slot, span, overlapMs }: NodeOptions): NodeRun {
  const identity = mix(slot.seed, span.index);
  const octets = [modulo(span.index, 256), slot.index >> 8, slot.index & 255]; // no two nodes that meet share an address
  const name = `ip-10-${octets.join('-')}.${plan.region}.compute.internal`;
  return {
    slot,
    generation: span.index,
    name,
    providerId: `aws:///${slot.zone}/i-0${hex(identity)}${hex(mix(identity, slot.index))}`,
    start: span.start - overlapMs,
    end: span.end + overlapMs,
    hourlyPrice: slot.pool.priced ? hourlyPrice(slot.pool) : null,
    labels: {
      'kubernetes.io/hostname': name,
      'node.kubernetes.io/instance-type': slot.pool.instance.name,
      'topology.kubernetes.io/region': plan.region,
      'topology.kubernetes.io/zone': slot.zone,
      'eks.amazonaws.com/nodegroup': slot.pool.name,
      'eks.amazonaws.com/capacityType': slot.pool.spot ? 'SPOT' : 'ON_DEMAND',
    },
  };
}

function hourlyPrice(pool: PoolPlan): Money {
  const onDemand = parseMoney(pool.instance.hourlyUsd);
  return pool.spot ? (((onDemand * SPOT_PERCENT) / 100n) as Money) : onDemand;
}
