import type { CostBreakdown, Trends } from '../../../src/contracts/costs.ts';
import { type PicoUsd, parseUsd } from '../lib/money.ts';
import { DAY_MS, HOUR_MS, type TimeWindow } from '../lib/time-window.ts';
import { type CostParts, partsOf, sumOthers } from './cost-parts.ts';

/** One step of the trend as the chart draws it. `cost` is null where nothing was reported: unknown is not zero. */
export interface Step extends TimeWindow {
  readonly cost: StepCost | null;
  /** Covered ÷ asked hours of the step, 0 to 1. */
  readonly coverage: number;
  /** The window cuts the step (a day that begins at 05:00), so it must not be read against whole ones. */
  readonly cut: boolean;
}

export interface StepCost {
  readonly cpu: PicoUsd;
  readonly ram: PicoUsd;
  /** What is neither CPU nor memory. */
  readonly other: PicoUsd;
  readonly total: PicoUsd;
  readonly parts: CostParts;
}

/** Every step of the window in order, also those the reply left out. */
export function stepsOf(trends: Pick<Trends, 'trends'>, window: TimeWindow, interval: 'hourly' | 'daily'): Step[] {
  const length = interval === 'hourly' ? HOUR_MS : DAY_MS;
  const floor = (at: number) => Math.floor(at / length) * length;
  const points = new Map(trends.trends.map((point) => [floor(Date.parse(point.time)), point]));
  const steps: Step[] = [];
  for (let at = floor(window.start); at < window.end; at += length) {
    const point = points.get(at);
    const known = point !== undefined && point.coverage > 0;
    steps.push({
      start: Math.max(at, window.start),
      end: Math.min(at + length, window.end),
      cost: known ? stepCost(point.cost) : null,
      coverage: known ? point.coverage : 0,
      cut: at < window.start || at + length > window.end,
    });
  }
  return steps;
}

function stepCost(cost: CostBreakdown): StepCost {
  const parts = partsOf(cost);
  return { cpu: parts.cpu, ram: parts.ram, other: sumOthers(parts), total: parseUsd(cost.total), parts };
}

/** Neighbouring steps without data as single stretches, to be hatched. */
export function gapsOf(steps: readonly Step[]): TimeWindow[] {
  const gaps: TimeWindow[] = [];
  for (const step of steps) {
    if (step.cost !== null) continue;
    const last = gaps.at(-1);
    if (last?.end === step.start) gaps[gaps.length - 1] = { start: last.start, end: step.end };
    else gaps.push({ start: step.start, end: step.end });
  }
  return gaps;
}
