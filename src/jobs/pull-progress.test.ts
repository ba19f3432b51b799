import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { advanced, firstProgress, nextTask, type PullProgress, type PullTimes, withAgain } from './pull-progress.ts';

const NOW = Date.UTC(2026, 0, 20, 12, 34, 56, 789);
const TIMES: PullTimes = {
  stepMs: SECOND_MS,
  delayMs: 2 * MINUTE_MS,
  intervalMs: MINUTE_MS,
  backfillMs: 14 * DAY_MS,
  keptMs: 13 * DAY_MS,
};
const HOURLY: PullTimes = { ...TIMES, stepMs: HOUR_MS, delayMs: 2 * HOUR_MS, intervalMs: 15 * MINUTE_MS };

/** Does everything that is due at `now`, in pieces of at most `pieceMs`, and returns the windows done. */
function work(start: PullProgress, { now, times, pieceMs }: { now: number; times: PullTimes; pieceMs: number }) {
  let progress = withAgain(start, now, times);
  const windows: { part: string; from: number; to: number }[] = [];
  for (let task = nextTask(progress, now, times); task; task = nextTask(progress, now, times)) {
    const to = Math.min(task.window.to, task.window.from + pieceMs);
    windows.push({ part: task.part, from: task.window.from, to });
    progress = advanced(progress, task.part, to);
  }
  return { progress, windows };
}

test('every moment from the oldest to the newest is pulled exactly once, however it is cut', () => {
  const pieces = fc.integer({ min: 10 * MINUTE_MS, max: 12 * HOUR_MS });
  fc.assert(
    fc.property(
      pieces,
      fc.constantFrom(TIMES, HOURLY),
      fc.integer({ min: 0, max: DAY_MS }),
      (pieceMs, times, later) => {
        const first = work(firstProgress(NOW, times), { now: NOW, times, pieceMs });
        const then = work(first.progress, { now: NOW + later, times, pieceMs });
        const windows = [...first.windows, ...then.windows].sort((a, b) => a.from - b.from);
        for (const [index, { to }] of windows.slice(0, -1).entries()) expect(windows[index + 1]?.from).toBe(to);
        const until = Math.floor((NOW + later - times.delayMs) / times.stepMs) * times.stepMs;
        expect(windows.at(-1)?.to).toBe(until);
        expect(windows[0]?.from).toBe(Math.floor((NOW - times.keptMs) / times.stepMs) * times.stepMs + times.stepMs);
      },
    ),
    { numRuns: 50 },
  );
});

test('what is new comes before the past, and the past before what little is new', () => {
  const begun = firstProgress(NOW, TIMES);
  expect(nextTask(begun, NOW, TIMES)?.part).toBe('new');
  const current = advanced(begun, 'new', NOW - TIMES.delayMs - TIMES.intervalMs / 2);
  expect(nextTask(current, NOW, TIMES)?.part).toBe('past');
  expect(nextTask(current, NOW + TIMES.intervalMs, TIMES)?.part).toBe('new');
  expect(nextTask(advanced(current, 'past', begun.start), NOW, TIMES)?.part).toBe('new');
});

test('nothing younger than the delay and nothing that would not be kept is asked for, however long we were away', () => {
  const { progress } = work(firstProgress(NOW, TIMES), { now: NOW, times: TIMES, pieceMs: DAY_MS });
  const later = NOW + 100 * DAY_MS;
  const { windows } = work(progress, { now: later, times: TIMES, pieceMs: DAY_MS });
  expect(windows[0]?.from).toBeGreaterThan(later - TIMES.keptMs);
  expect(windows.at(-1)?.to).toBeLessThanOrEqual(later - TIMES.delayMs);
});

test('with no backfill the present begins at the first run, and an outage is still made up for', () => {
  const times = { ...TIMES, backfillMs: 0 };
  expect(nextTask(firstProgress(NOW, times), NOW, times)).toBeUndefined();
  const { windows } = work(firstProgress(NOW, times), { now: NOW + DAY_MS, times, pieceMs: DAY_MS });
  expect(windows[0]?.from).toBe(Math.floor((NOW - times.delayMs) / SECOND_MS) * SECOND_MS);
});

test('what may have changed is pulled again, once a period, and as far as it was pulled before', () => {
  const times = { ...HOURLY, again: { windowMs: 48 * HOUR_MS, everyMs: DAY_MS } };
  const first = work(firstProgress(NOW, times), { now: NOW, times, pieceMs: DAY_MS });
  expect(first.windows.filter(({ part }) => part === 'again')).toEqual([]);
  const next = work(first.progress, { now: NOW + DAY_MS, times, pieceMs: 5 * HOUR_MS });
  const again = next.windows.filter(({ part }) => part === 'again');
  expect(again[0]?.from).toBe(first.progress.through - 48 * HOUR_MS);
  expect(again.at(-1)?.to).toBe(first.progress.through);
  const soon = work(next.progress, { now: NOW + DAY_MS + HOUR_MS, times, pieceMs: DAY_MS });
  expect(soon.windows.filter(({ part }) => part === 'again')).toEqual([]);
});
