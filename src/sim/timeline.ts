/**
 * A timeline cuts all of time into spans, and finds the span of any instant in constant time, with no history. A pod's life
 * is the meeting of three of them: when its replica is wanted, which version is rolled out, and which node is there.
 */
import { DAY_MS } from '../lib/clock.ts';
import { below, mix } from './hash.ts';

/** [start, end) in milliseconds; `index` tells the spans of one timeline apart. */
export interface Span {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly active: boolean;
}

export type Timeline = (at: number) => Span;

export interface Grid {
  /** Every start and end is a multiple of this; 1 leaves them free. */
  readonly alignMs: number;
}

/** Further away than any instant, and still a safe integer. */
export const FOREVER_MS = 2 ** 52;

const ALWAYS: Span = { index: 0, start: -FOREVER_MS, end: FOREVER_MS, active: true };

export const always: Timeline = () => ALWAYS;

/** The same timeline, so much later. */
export function delayed(timeline: Timeline, delayMs: number): Timeline {
  return (at) => {
    const span = timeline(at - delayMs);
    return { ...span, start: span.start + delayMs, end: span.end + delayMs };
  };
}

interface CycleOptions extends Grid {
  readonly seed: number;
  readonly periodMs: number;
  /** Each boundary comes this much later at most. Less than half the period, or spans could be very short. */
  readonly jitterMs: number;
}

/** Spans of about one period each, back to back: versions of a workload, generations of a node. */
export function cycle({ seed, periodMs, jitterMs, alignMs }: CycleOptions): Timeline {
  const offset = below(mix(seed, 0x0ff5e7), periodMs);
  const boundary = (index: number) => snap(offset + index * periodMs + below(mix(seed, index), jitterMs), alignMs);
  return (at) => {
    let index = Math.floor((at - offset) / periodMs);
    while (at < boundary(index)) index--;
    while (at >= boundary(index + 1)) index++;
    return { index, start: boundary(index), end: boundary(index + 1), active: true };
  };
}

interface DailyOptions extends Grid {
  readonly seed: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly jitterMs: number;
  readonly weekends: boolean;
}

/** Active from about `fromMs` to about `toMs` of every UTC day: what an autoscaler adds for the busy hours. */
export function daily({ seed, fromMs, toMs, jitterMs, weekends, alignMs }: DailyOptions): Timeline {
  return occurrences((index) => {
    const day = index * DAY_MS;
    const on = snap(day + fromMs + below(mix(seed, index * 2), jitterMs), alignMs);
    const off = snap(day + toMs + below(mix(seed, index * 2 + 1), jitterMs), alignMs);
    const weekend = !weekends && isWeekend(day);
    return { start: on, end: weekend ? on : Math.max(on, off) };
  }, DAY_MS);
}

interface ScheduleOptions extends Grid {
  readonly seed: number;
  readonly periodMs: number;
  readonly durationMinMs: number;
  readonly durationMaxMs: number;
}

/** Active once every period, from a second or three after its start: the runs of a cron job. */
export function schedule({ seed, periodMs, durationMinMs, durationMaxMs, alignMs }: ScheduleOptions): Timeline {
  return occurrences((index) => {
    const delay = alignMs > 1 ? 0 : 1_000 + below(mix(seed, index * 2), 2_000);
    const duration = durationMinMs + below(mix(seed, index * 2 + 1), durationMaxMs - durationMinMs + 1);
    const start = snap(index * periodMs + delay, alignMs);
    return { start, end: start + Math.max(alignMs, snap(duration, alignMs)) };
  }, periodMs);
}

/**
 * A timeline of one active span in each period, and inactive ones between. Occurrence `index` must start in its own period
 * and end before the next one starts.
 */
function occurrences(occurrence: (index: number) => { start: number; end: number }, periodMs: number): Timeline {
  return (at) => {
    const index = Math.floor(at / periodMs);
    for (const i of [index, index - 1]) {
      const { start, end } = occurrence(i);
      if (at >= start && at < end) return { index: i, start, end, active: true };
      if (at >= end) return { index: i, start: end, end: occurrence(i + 1).start, active: false };
    }
    throw new RangeError(`occurrence ${index} starts before its period`);
  };
}

function snap(at: number, alignMs: number): number {
  return Math.floor(at / alignMs) * alignMs;
}

/** Saturday or Sunday, UTC. */
export function isWeekend(at: number): boolean {
  const daysAfterThursday = Math.floor(at / DAY_MS) % 7; // the epoch was a Thursday
  return daysAfterThursday === 2 || daysAfterThursday === 3;
}
