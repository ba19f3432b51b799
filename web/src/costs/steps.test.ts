import { expect, test } from 'vitest';
import type { TrendPoint } from '../../../src/contracts/costs.ts';
import { cpuCost } from './cpu-cost.fixture.ts';
import { gapsOf, stepsOf } from './steps.ts';

type Point = ReturnType<typeof TrendPoint.parse>;

const at = (text: string) => Date.parse(text);
const hours = (from: string, to: string) => ({ start: at(from), end: at(to) });

function point(time: string, total: string, coverage = 1): Point {
  return {
    time,
    coverage,
    total_cpu_request_millicores: 0,
    total_memory_request_bytes: 0,
    avg_cpu_usage_millicores: 0,
    avg_memory_usage_bytes: 0,
    pod_count: 1,
    estimated_cost_usd: Number(total),
    cost: cpuCost(total),
  };
}

test('an hour nobody reported is a gap, an hour that cost nothing is zero', () => {
  const trends = [
    point('2026-11-20T00:00:00Z', '1'),
    point('2026-11-20T01:00:00Z', '0'),
    point('2026-11-20T02:00:00Z', '0', 0),
  ];
  const steps = stepsOf({ trends }, hours('2026-11-20T00:00Z', '2026-11-20T04:00Z'), 'hourly');
  expect(steps.map((step) => step.cost?.total ?? null)).toEqual([1_000_000_000_000n, 0n, null, null]);
});

test('neighbouring gaps are one stretch, and stretches apart stay apart', () => {
  const trends = [point('2026-11-20T01:00:00+00:00', '1'), point('2026-11-20T04:00:00Z', '1')];
  const steps = stepsOf({ trends }, hours('2026-11-20T00:00Z', '2026-11-20T05:00Z'), 'hourly');
  expect(gapsOf(steps)).toEqual([
    hours('2026-11-20T00:00Z', '2026-11-20T01:00Z'),
    hours('2026-11-20T02:00Z', '2026-11-20T04:00Z'),
  ]);
});

test('steps fill the window exactly, and a day the window cuts is marked', () => {
  const window = hours('2026-11-18T05:00Z', '2026-11-20T05:00Z');
  const steps = stepsOf({ trends: [point('2026-11-18T05:00:00Z', '3')] }, window, 'daily');
  expect(steps.map((step) => step.cut)).toEqual([true, false, true]);
  expect(steps.at(0)?.start).toBe(window.start);
  expect(steps.at(-1)?.end).toBe(window.end);
  expect(steps.at(0)?.cost?.total).toBe(3_000_000_000_000n);
});
