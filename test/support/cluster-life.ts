import * as fc from 'fast-check';
import { DAY_MS, dayStart, MINUTE_MS, SECOND_MS } from '../../src/lib/clock.ts';

/**
 * Small clusters as fast-check makes them: what was seen of them at each instant, in the words of neither wire. All of it
 * lies in the two days before today, so that hours and days can both be computed.
 */
export interface ClusterLife {
  readonly name: string;
  readonly source: 'agent' | 'collector';
  readonly sights: readonly Sight[];
}

/** One cluster at one instant (milliseconds). */
export interface Sight {
  readonly at: number;
  readonly nodes: readonly SeenNode[];
  readonly pods: readonly SeenPod[];
}

export interface SeenNode {
  readonly name: string;
  readonly millicores: number;
  readonly bytes: number;
  /** Decimal text, US dollars per hour. */
  readonly price: string | null;
}

/** In millicores and bytes; `null` is "not known". */
export interface SeenAmounts {
  readonly cpuUsage: number | null;
  readonly cpuRequest: number | null;
  readonly memoryUsage: number | null;
  readonly memoryRequest: number | null;
}

export interface SeenPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** Of the whole pod: what is charged where no containers are listed. */
  readonly amounts: SeenAmounts;
  readonly containers: readonly (SeenAmounts & { readonly name: string })[];
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TICKS_MAX = 10;

/** The window that holds everything that is ever seen. */
export function lifeWindow(): { start: number; end: number } {
  const end = dayStart(Date.now());
  return { start: end - 2 * DAY_MS, end };
}

const amounts: fc.Arbitrary<SeenAmounts> = fc.record({
  cpuUsage: fc.option(fc.nat({ max: 3_000 }), { freq: 4 }),
  cpuRequest: fc.option(fc.nat({ max: 3_000 }), { freq: 2 }),
  memoryUsage: fc.option(fc.nat({ max: 3 * GIB }), { freq: 4 }),
  memoryRequest: fc.option(fc.nat({ max: 3 * GIB }), { freq: 2 }),
});

const node = fc.record({
  millicores: fc.integer({ min: 500, max: 8_000 }),
  bytes: fc.integer({ min: 512, max: 32 * 1024 }).map((mebibytes) => mebibytes * MIB),
  price: fc.option(
    fc.integer({ min: 1, max: 2_000_000 }).map((micros) => (micros / 1e6).toFixed(6)),
    { freq: 2 },
  ),
  missing: fc.uniqueArray(fc.nat({ max: TICKS_MAX - 1 }), { maxLength: 2 }),
});

const pod = fc.record({
  namespace: fc.constantFrom('shop', 'data', 'kube-system'),
  nodeIndex: fc.nat({ max: 2 }),
  from: fc.nat({ max: TICKS_MAX - 1 }),
  ticks: fc.integer({ min: 1, max: TICKS_MAX }),
  // what it uses changes from one instant to the next
  moods: fc.array(fc.record({ whole: amounts, parts: fc.tuple(amounts, amounts) }), { minLength: 1, maxLength: 3 }),
  containerCount: fc.nat({ max: 2 }),
});

const drawn = fc.record({
  source: fc.constantFrom('agent' as const, 'collector' as const),
  startMinute: fc.nat({ max: 2 * 1_440 - 200 }),
  stepSeconds: fc.integer({ min: 2, max: 40 }).map((halves) => halves * 30),
  tickCount: fc.integer({ min: 1, max: TICKS_MAX }),
  nodes: fc.array(node, { minLength: 1, maxLength: 3 }),
  pods: fc.array(pod, { maxLength: 6 }),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

/** One cluster of the given name, or several of different names. */
export function clusterLife(name = 'east'): fc.Arbitrary<ClusterLife> {
  return drawn.map((facts) => lifeOf(name, facts));
}

export const clusterLives: fc.Arbitrary<ClusterLife[]> = fc
  .tuple(clusterLife('east'), fc.option(clusterLife('west'), { nil: undefined }))
  .map(([east, west]) => (west ? [east, west] : [east]));

function lifeOf(name: string, facts: Drawn): ClusterLife {
  const start = lifeWindow().start + facts.startMinute * MINUTE_MS;
  const ticks = Array.from({ length: facts.tickCount }, (_, tick) => tick);
  const sights = ticks.map((tick) => sightAt(facts, { tick, at: start + tick * facts.stepSeconds * SECOND_MS }));
  return { name, source: facts.source, sights: sights.filter(({ nodes }) => nodes.length > 0) };
}

function sightAt(facts: Drawn, { tick, at }: { tick: number; at: number }): Sight {
  const nodes = facts.nodes.flatMap(({ missing, ...size }, index) =>
    missing.includes(tick) ? [] : [{ name: `node-${index}`, ...size }],
  );
  const names = new Set(nodes.map((seen) => seen.name));
  const pods = facts.pods.flatMap((it, index) => {
    const onNode = `node-${it.nodeIndex % facts.nodes.length}`;
    const mood = it.moods[tick % it.moods.length];
    if (!mood || !names.has(onNode) || tick < it.from || tick >= it.from + it.ticks) return [];
    const containers = mood.parts.slice(0, it.containerCount).map((part, place) => ({ name: `c${place}`, ...part }));
    return [{ namespace: it.namespace, name: `pod-${index}`, node: onNode, amounts: mood.whole, containers }];
  });
  return { at, nodes, pods };
}
