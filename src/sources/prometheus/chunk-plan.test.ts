import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseConfig } from '../../config/load.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/clock.ts';
import { createFleet } from '../../sim/fleet.ts';
import { seriesAt } from '../../sim/series.ts';
import { createKeepRule } from '../remote-write/keep.ts';
import { type Chunk, createChunkPlan, halves } from './chunk-plan.ts';
import { CADVISOR_METRICS, OTHER_METRICS } from './metrics.ts';
import { rangeQuestion } from './selector.ts';

const METRICS = [...CADVISOR_METRICS, ...OTHER_METRICS];
const SPAN = { from: 0, to: HOUR_MS };

/** How long each metric is asked for, over all chunks. */
function covered(chunks: readonly Chunk[]): Map<string, number> {
  const ms = new Map<string, number>();
  for (const { group, window } of chunks) {
    for (const metric of group.metrics) ms.set(metric, (ms.get(metric) ?? 0) + window.to - window.from);
  }
  return ms;
}

test('whatever was learnt, the chunks of a span ask for every metric and every moment once', () => {
  const learnt = fc.array(fc.tuple(fc.constantFrom(...METRICS), fc.integer({ min: 0, max: 5_000_000 })), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(learnt, fc.integer({ min: 1_000, max: 1_000_000 }), (points, samplesMax) => {
      const plan = createChunkPlan(samplesMax);
      const window = { from: 0, to: MINUTE_MS };
      for (const [metric, count] of points) {
        plan.learn({ group: { metrics: [metric], matcher: '' }, window }, new Map([[metric, count]]));
      }
      const chunks = plan.chunks(SPAN);
      expect([...covered(chunks).values()].every((ms) => ms === HOUR_MS)).toBe(true);
      expect(new Set(covered(chunks).keys())).toEqual(new Set(METRICS));
      const cut = chunks.flatMap((chunk) => halves(chunk) ?? [chunk]);
      expect(covered(cut)).toEqual(covered(chunks));
    }),
  );
});

test('once the rates are known, an answer has about half of what it may have, and few questions are asked', () => {
  const plan = createChunkPlan(100_000);
  const perMinute = (metric: string) => (metric.startsWith('container_') ? 20_000 : 300);
  const window = { from: 0, to: MINUTE_MS };
  for (const chunk of plan.chunks(window)) {
    plan.learn(chunk, new Map(chunk.group.metrics.map((metric) => [metric, perMinute(metric)])));
  }
  const chunks = plan.chunks(SPAN);
  const points = chunks.map(({ group, window: { from, to } }) =>
    group.metrics.reduce((sum, metric) => sum + (perMinute(metric) * (to - from)) / MINUTE_MS, 0),
  );
  expect(Math.max(...points)).toBeLessThanOrEqual(50_001);
  const all = points.reduce((sum, count) => sum + count, 0);
  expect(chunks.length).toBeLessThan((all / 50_000) * 1.5);
});

test('spans grow while all goes well, and shrink where the upstream is too slow', () => {
  const plan = createChunkPlan(100_000);
  const length = () => {
    const { from, to } = plan.span({ from: 0, to: 10 * HOUR_MS });
    return to - from;
  };
  const first = length();
  for (let i = 0; i < 10; i += 1) plan.spanDone(5);
  expect(length()).toBe(HOUR_MS);
  expect(first).toBeLessThan(HOUR_MS);
  plan.slowDown();
  expect(length()).toBeLessThan(HOUR_MS);
});

test('all that a fleet is scraped for is asked for, and all that is asked for is kept where it is pushed', () => {
  const start = Date.UTC(2026, 0, 10);
  const fleet = createFleet({ preset: 'small', seed: 1, start });
  const scraped = new Set<string>();
  const at = start + HOUR_MS;
  for (const { labels } of seriesAt(fleet, { cluster: 'small', at })) scraped.add(labels['__name__'] ?? '');
  expect([...scraped].filter((metric) => !METRICS.includes(metric))).toEqual([]);
  const keeps = createKeepRule(parseConfig().remoteWrite.keep);
  expect(METRICS.filter((metric) => !keeps(metric))).toEqual([]);
  expect(new Set(METRICS).size).toBe(METRICS.length);
});

test('no label of a selector can become PromQL', () => {
  const group = { metrics: ['up', 'kube_pod_info'], matcher: 'pod!=""' };
  const { query, time } = rangeQuestion(group, { from: 1_000, to: 61_000 }, { tenant_id: 'a"} or {x="\\\n' });
  expect(query).toBe('{__name__=~"up|kube_pod_info",tenant_id="a\\"} or {x=\\"\\\\\\n",pod!=""}[60000ms]');
  expect(time).toBe('60.999');
});
