import * as fc from 'fast-check';
import type { SampleBatch } from '../../src/core/samples.ts';
import { DAY_MS, HOUR_MS, hourStart, MINUTE_MS, SECOND_MS } from '../../src/lib/clock.ts';
import { lifeWindow } from './cluster-life.ts';
import { podFact } from './facts.ts';
import type { Scraped } from './point-batch.ts';
import { containerSample, nodeSample } from './samples.ts';

/**
 * A small cluster around midnight, with what goes wrong in real ones: pods made again under their name on another node,
 * containers that restart, exporters that fall silent, nodes that change their labels. Each source tells it in its own way.
 */
const GIB = 2 ** 30;
const TICKS_MAX = 12;

const pod = fc.record({
  namespace: fc.constantFrom('shop', 'data'),
  from: fc.nat({ max: TICKS_MAX - 2 }),
  ticks: fc.integer({ min: 1, max: TICKS_MAX }),
  /** From here on it is another pod of the same name, on the next node. */
  remadeAt: fc.option(fc.integer({ min: 1, max: TICKS_MAX }), { freq: 2 }),
  /** From here on it is another container of the same name: its counter begins again. */
  restartedAt: fc.option(fc.integer({ min: 1, max: TICKS_MAX }), { freq: 2 }),
  millicores: fc.array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 3 }),
  mebibytes: fc.nat({ max: 3_000 }),
  request: fc.nat({ max: 2_000 }),
});
type Pod = typeof pod extends fc.Arbitrary<infer T> ? T : never;

export const scrapedLife = fc.record({
  startMinute: fc.integer({ min: -100, max: 20 }),
  stepSeconds: fc.integer({ min: 1, max: 16 }).map((halves) => halves * 30),
  ticks: fc.integer({ min: 2, max: TICKS_MAX }),
  nodes: fc.array(
    fc.record({
      cores: fc.integer({ min: 1, max: 8 }),
      price: fc.option(fc.integer({ min: 1, max: 2_000 }), { freq: 2 }),
      spotFrom: fc.option(fc.nat({ max: TICKS_MAX }), { freq: 2 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  silent: fc.uniqueArray(fc.nat({ max: TICKS_MAX }), { maxLength: 4 }),
  pods: fc.array(pod, { minLength: 1, maxLength: 3 }),
});
export type ScrapedLife = typeof scrapedLife extends fc.Arbitrary<infer T> ? T : never;

interface Sighting extends Pod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly startedAt: number;
  readonly used: number;
  readonly tick: number;
}

function instantOf(life: ScrapedLife, tick: number): number {
  return lifeWindow().start + DAY_MS + life.startMinute * MINUTE_MS + tick * life.stepSeconds * SECOND_MS;
}

function ticksOf(life: ScrapedLife): number[] {
  return Array.from({ length: life.ticks }, (_, tick) => tick);
}

function podsAt(life: ScrapedLife, tick: number): Sighting[] {
  return life.pods.flatMap((it, index) => {
    if (tick < it.from || tick >= it.from + it.ticks) return [];
    const remade = it.remadeAt !== null && tick >= it.remadeAt;
    const begun = remade ? Math.max(it.from, it.remadeAt ?? 0) : it.from;
    return {
      ...it,
      name: `pod-${index}`,
      uid: `uid-${index}-${remade ? 'b' : 'a'}`,
      node: `node-${(index + (remade ? 1 : 0)) % life.nodes.length}`,
      startedAt: instantOf(life, begun) - SECOND_MS,
      used: it.millicores[tick % it.millicores.length] ?? 0,
      tick,
    };
  });
}

export interface ScrapeOptions {
  /** With the rows of whole pods and pause containers that cAdvisor has beside those of containers. */
  readonly sums?: boolean;
  /** [from, to). */
  readonly ticks?: { readonly from: number; readonly to: number };
}

/** What Prometheus scrapes of it. */
export function scrapesOf(life: ScrapedLife, { sums = false, ticks }: ScrapeOptions = {}): Scraped[] {
  const scraping = ticksOf(life).filter((tick) => !ticks || (tick >= ticks.from && tick < ticks.to));
  return scraping.flatMap((tick) => {
    const at = instantOf(life, tick);
    const usage = podsAt(life, tick).flatMap((seen) => usageOf(life, { seen, at, sums }));
    if (life.silent.includes(tick)) return usage;
    return [...usage, ...nodesAt(life, tick), ...podsAt(life, tick).flatMap((seen) => stateOf(seen, at))];
  });
}

function usageOf(life: ScrapedLife, { seen, at, sums }: { seen: Sighting; at: number; sums: boolean }): Scraped[] {
  const { namespace, name, node, uid, mebibytes, restartedAt, tick } = seen;
  const again = restartedAt !== null && tick >= restartedAt;
  const counted = ((tick + 1) * seen.used * life.stepSeconds) / 1_000;
  const row = (container: string, id: string, share: number): Scraped[] => [
    scraped('container_cpu_usage_seconds_total', { namespace, pod: name, container, node, id }, at, counted * share),
    scraped(
      'container_memory_working_set_bytes',
      { namespace, pod: name, container, node, id },
      at,
      mebibytes * 2 ** 20,
    ),
  ];
  const own = row('app', `/${uid}/${again ? 2 : 1}`, again ? 0.5 : 1);
  return sums ? [...own, ...row('', `/${uid}`, 1), ...row('POD', `/${uid}/0`, 1)] : own;
}

function stateOf({ namespace, name, uid, node, startedAt, request }: Sighting, at: number): Scraped[] {
  const pod = { namespace, pod: name, uid };
  const asks = { ...pod, container: 'app', node, resource: 'cpu', unit: 'core' };
  return [
    scraped('kube_pod_info', { ...pod, node }, at, 1),
    scraped('kube_pod_start_time', pod, at, Math.floor(startedAt / SECOND_MS)),
    scraped('kube_pod_status_phase', { ...pod, phase: 'Running' }, at, 1),
    scraped('kube_pod_container_resource_requests', asks, at, request / 1_000),
  ];
}

function nodesAt(life: ScrapedLife, tick: number): Scraped[] {
  const at = instantOf(life, tick);
  return life.nodes.flatMap(({ cores, price, spotFrom }, index) => {
    const node = `node-${index}`;
    const bought = spotFrom !== null && tick >= spotFrom ? 'spot' : 'on-demand';
    return [
      scraped('kube_node_status_capacity', { node, resource: 'cpu' }, at, cores),
      scraped('kube_node_status_capacity', { node, resource: 'memory' }, at, cores * 4 * GIB),
      scraped('kube_node_labels', { node, label_karpenter_sh_capacity_type: bought }, at, 1),
      ...(price === null ? [] : [scraped('node_total_hourly_cost', { node }, at, price / 1_000)]),
    ];
  });
}

function scraped(name: string, labels: Readonly<Record<string, string>>, at: number, value: number): Scraped {
  return { labels: { __name__: name, ...labels }, at, value };
}

/** What collectors post of it, a post of each node at a time: usage, and neither sizes nor requests. */
export function collectedOf(life: ScrapedLife): SampleBatch[] {
  return ticksOf(life).map((tick) => {
    const at = instantOf(life, tick) + 7 * SECOND_MS;
    return {
      source: 'collector',
      nodes: life.nodes.map((_, index) => nodeSample({ at, node: `node-${index}` })),
      containers: podsAt(life, tick).map(({ namespace, name, uid, node, used, mebibytes }) =>
        containerSample({
          at,
          namespace,
          pod: name,
          podUid: uid,
          node,
          cpuUsage: used * 1e6,
          memoryUsage: mebibytes * 2 ** 20,
        }),
      ),
    };
  });
}

/** What a watch of its API server tells. */
export function watchedOf(life: ScrapedLife): SampleBatch[] {
  return ticksOf(life).map((tick) => {
    const at = instantOf(life, tick) - 3 * SECOND_MS;
    return {
      source: 'kubernetes',
      nodes: life.nodes.map(({ cores }, index) =>
        nodeSample({
          at,
          node: `node-${index}`,
          cpuCapacity: cores * 1e9,
          memoryCapacity: cores * 4 * GIB,
          instanceType: 'm5',
        }),
      ),
      containers: podsAt(life, tick).map(({ namespace, name, uid, node, request, startedAt }) =>
        containerSample({
          at,
          namespace,
          pod: name,
          podUid: uid,
          container: 'app',
          node,
          cpuRequest: request * 1e6,
          startedAt,
        }),
      ),
    };
  });
}

/** What an allocation API states of its hours, twice: the later statement is the one that counts. */
export function statedOf(life: ScrapedLife): SampleBatch[] {
  const hours = [...new Set(ticksOf(life).map((tick) => hourStart(instantOf(life, tick))))];
  return hours.flatMap((hour) =>
    [1, 2].map((time) => ({
      source: 'kubecost',
      nodes: [],
      containers: [],
      facts: life.pods.map(({ namespace, request }, index) => {
        const amounts = { cpu_ucs: request * 3_600_000, cpu_cost_pico: request * time * 1e6, ram_cost_pico: index };
        const name = `pod-${index}-${time}`;
        return podFact(hour, {
          kind: 'container',
          namespace,
          pod: name,
          container: 'app',
          amounts,
          statedAt: hour + time * HOUR_MS,
        });
      }),
    })),
  );
}
