import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { cycle, daily, delayed, isWeekend, schedule, type Timeline } from './timeline.ts';

const MONDAY = Date.UTC(2026, 0, 5);

const timelines: [name: string, make: (seed: number, alignMs: number) => Timeline][] = [
  ['cycle', (seed, alignMs) => cycle({ seed, periodMs: 5 * HOUR_MS, jitterMs: 2 * HOUR_MS, alignMs })],
  [
    'delayed cycle',
    (seed, alignMs) => delayed(cycle({ seed, periodMs: DAY_MS, jitterMs: HOUR_MS, alignMs }), 10 * alignMs),
  ],
  [
    'daily',
    (seed, alignMs) =>
      daily({ seed, fromMs: 7 * HOUR_MS, toMs: 18 * HOUR_MS, jitterMs: HOUR_MS, weekends: false, alignMs }),
  ],
  [
    'schedule',
    (seed, alignMs) =>
      schedule({
        seed,
        periodMs: 5 * MINUTE_MS,
        durationMinMs: 20 * SECOND_MS,
        durationMaxMs: 50 * SECOND_MS,
        alignMs,
      }),
  ],
];

describe.each(timelines)('a timeline: %s', (_, make) => {
  const at = fc.integer({ min: 0, max: 60 * DAY_MS }).map((ms) => MONDAY + ms);
  const alignMs = fc.constantFrom(1, 30 * SECOND_MS);

  test('cuts time without gaps or overlaps, and every instant of a span finds that span', () => {
    fc.assert(
      fc.property(fc.nat(), alignMs, at, fc.double({ min: 0, max: 1, noNaN: true }), (seed, alignMs, at, part) => {
        const timeline = make(seed, alignMs);
        const span = timeline(at);
        expect(at).toBeGreaterThanOrEqual(span.start);
        expect(at).toBeLessThan(span.end);
        expect(timeline(span.end).start).toBe(span.end);
        expect(timeline(span.start - 1).end).toBe(span.start);
        expect(timeline(span.start + Math.floor((span.end - 1 - span.start) * part))).toEqual(span);
      }),
    );
  });

  test('starts and ends on the grid', () => {
    fc.assert(
      fc.property(fc.nat(), alignMs, at, (seed, alignMs, at) => {
        const span = make(seed, alignMs)(at);
        expect([span.start % alignMs, span.end % alignMs]).toEqual([0, 0]);
      }),
    );
  });
});

test('a job runs once in each of its periods, as long as its durations say', () => {
  const runs = schedule({ seed: 7, periodMs: 5 * MINUTE_MS, durationMinMs: 20_000, durationMaxMs: 50_000, alignMs: 1 });
  for (let k = 0; k < 200; k++) {
    const due = MONDAY + k * 5 * MINUTE_MS;
    const run = runs(due + 5 * SECOND_MS);
    expect(run.active).toBe(true);
    expect(run.start - due).toBeGreaterThanOrEqual(1_000);
    expect(run.end - run.start).toBeGreaterThanOrEqual(20_000);
    expect(run.end - run.start).toBeLessThanOrEqual(50_000);
    expect(runs(run.end).active).toBe(false);
  }
});

test('a daily span is there on working days only, where it is told so', () => {
  const busy = daily({
    seed: 7,
    fromMs: 8 * HOUR_MS,
    toMs: 18 * HOUR_MS,
    jitterMs: HOUR_MS,
    weekends: false,
    alignMs: 1,
  });
  const noon = (day: number) => busy(MONDAY + day * DAY_MS + 12 * HOUR_MS).active;
  expect([0, 1, 2, 3, 4, 5, 6, 7].map(noon)).toEqual([true, true, true, true, true, false, false, true]);
});

test('weekends are Saturdays and Sundays in UTC', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000 }), (day) => {
      expect(isWeekend(day * DAY_MS)).toBe([0, 6].includes(new Date(day * DAY_MS).getUTCDay()));
    }),
  );
});
