import { expect, test } from 'vitest';
import {
  DAY_MS,
  formatStep,
  formatUtcField,
  formatWindow,
  HOUR_MS,
  intervalFor,
  parseUtcField,
  resolveWindow,
  windowProblem,
} from './time-window.ts';

const at = (text: string) => Date.parse(text);
const NOW_HOUR = at('2026-11-21T05:00:00Z');

test('a preset ends with the last full hour and spans whole days', () => {
  expect(resolveWindow({ preset: '7d' }, NOW_HOUR)).toEqual({ start: at('2026-11-14T05:00:00Z'), end: NOW_HOUR });
  expect(resolveWindow({ preset: '30d' }, NOW_HOUR).start).toBe(NOW_HOUR - 30 * DAY_MS);
});

test('a range of one’s own is taken as it is', () => {
  const range = { start: NOW_HOUR, end: NOW_HOUR + HOUR_MS };
  expect(resolveWindow(range, 0)).toEqual(range);
});

test('a range that the server would refuse is named as such', () => {
  const f = (start: number, end: number, want: string | undefined) =>
    want === undefined
      ? expect(windowProblem({ start, end })).toBeUndefined()
      : expect(windowProblem({ start, end })).toContain(want);
  f(NOW_HOUR, NOW_HOUR + HOUR_MS, undefined);
  f(NOW_HOUR - 800 * DAY_MS, NOW_HOUR, undefined);
  f(NOW_HOUR, NOW_HOUR, 'before the end');
  f(NOW_HOUR - 801 * DAY_MS, NOW_HOUR, '800 days');
  f(Number.NaN, NOW_HOUR, 'both');
  f(NOW_HOUR + 60_000, NOW_HOUR + HOUR_MS, 'full hours');
});

test('a week is drawn by the hour, a month by the day', () => {
  expect(intervalFor(resolveWindow({ preset: '7d' }, NOW_HOUR))).toBe('hourly');
  expect(intervalFor(resolveWindow({ preset: '30d' }, NOW_HOUR))).toBe('daily');
});

test('fields are UTC whatever the zone of the machine', () => {
  expect(parseUtcField('2026-11-21T05:00')).toBe(NOW_HOUR);
  expect(formatUtcField(NOW_HOUR)).toBe('2026-11-21T05:00');
  for (const text of ['', '2026-11-21', '2026-11-21T05:00Z', 'x']) expect(parseUtcField(text), text).toBeNaN();
});

test('windows and steps are written in UTC', () => {
  expect(formatWindow({ start: at('2026-11-14T05:00Z'), end: NOW_HOUR })).toBe(
    '14 Nov, 05:00 – 21 Nov 2026, 05:00 UTC',
  );
  expect(formatWindow({ start: at('2025-12-31T00:00Z'), end: at('2026-01-02T00:00Z') })).toBe(
    '31 Dec 2025, 00:00 – 2 Jan 2026, 00:00 UTC',
  );
  expect(formatStep({ start: NOW_HOUR, end: NOW_HOUR + HOUR_MS })).toBe('Sat 21 Nov, 05:00–06:00 UTC');
  expect(formatStep({ start: at('2026-11-20'), end: at('2026-11-21') })).toBe('Fri 20 Nov');
});
