import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeOracle, readOracle } from '../../../test/support/opencost-oracle.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../lib/clock.ts';
import { type Cut, cutWindow, parseAccumulate, parseStep, SETS_MAX, WHOLE } from './sets.ts';
import { parseZone } from './zone.ts';

const edges = (from: string, to: string, { cut, zone = 'UTC' }: { cut: Cut; zone?: string }) => {
  const sets = cutWindow({ start: Date.parse(from), end: Date.parse(to) }, cut, { zone: parseZone(zone) });
  return [...sets.map(({ start }) => start), ...sets.slice(-1).map(({ end }) => end)].map((at) =>
    new Date(at).toISOString().replace(/:00\.000Z$|\.000Z$/, ''),
  );
};

test('steps are equal and go from the start of the window; the last is cut', () => {
  const f = (step: string, to: string, want: string[]) =>
    expect(edges('2026-01-01T06:00Z', to, { cut: parseStep(step) }), step).toEqual(want);
  f('1h', '2026-01-01T08:30Z', ['2026-01-01T06:00', '2026-01-01T07:00', '2026-01-01T08:00', '2026-01-01T08:30']);
  f('36h', '2026-01-03T06:00Z', ['2026-01-01T06:00', '2026-01-02T18:00', '2026-01-03T06:00']);
  f('1d', '2026-01-03T06:00Z', ['2026-01-01T06:00', '2026-01-02T06:00', '2026-01-03T06:00']);
  f('7d', '2026-01-03T06:00Z', ['2026-01-01T06:00', '2026-01-03T06:00']);
  expect(edges('2026-01-01T06:00Z', '2026-02-01T00:00Z', { cut: WHOLE })).toEqual([
    '2026-01-01T06:00',
    '2026-02-01T00:00',
  ]);
});

test('accumulated sets have the edges of the calendar; the first and the last are cut', () => {
  const f = (by: string, from: string, to: string, want: string[]) =>
    expect(edges(from, to, { cut: parseAccumulate(by) ?? WHOLE }), by).toEqual(want);
  f('day', '2026-01-01T06:00Z', '2026-01-02T06:00Z', ['2026-01-01T06:00', '2026-01-02T00:00', '2026-01-02T06:00']);
  f('hour', '2026-01-01T06:20Z', '2026-01-01T07:10Z', ['2026-01-01T06:20', '2026-01-01T07:00', '2026-01-01T07:10']);
  f('week', '2026-03-11T00:00Z', '2026-03-22T00:00Z', ['2026-03-11T00:00', '2026-03-15T00:00', '2026-03-22T00:00']);
  f('month', '2026-01-31T00:00Z', '2026-03-01T00:00Z', ['2026-01-31T00:00', '2026-02-01T00:00', '2026-03-01T00:00']);
  f('quarter', '2026-03-31T00:00Z', '2026-07-02T00:00Z', [
    '2026-03-31T00:00',
    '2026-04-01T00:00',
    '2026-07-01T00:00',
    '2026-07-02T00:00',
  ]);
  f('true', '2026-01-01T06:00Z', '2026-01-02T06:00Z', ['2026-01-01T06:00', '2026-01-02T06:00']);
  expect([parseAccumulate('false'), parseAccumulate('none'), parseAccumulate('')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('days have the hours that they have in the zone', () => {
  const f = (zone: string, window: [string, string], want: string[]) => {
    expect(edges(...window, { cut: parseStep('1d'), zone }), zone).toEqual(want);
    expect(edges(...window, { cut: parseAccumulate('day') ?? WHOLE, zone }), zone).toEqual(want);
  };
  f(
    'Europe/Berlin',
    ['2026-03-27T23:00Z', '2026-03-30T22:00Z'],
    ['2026-03-27T23:00', '2026-03-28T23:00', '2026-03-29T22:00', '2026-03-30T22:00'],
  );
  f(
    'Pacific/Apia',
    ['2011-12-29T10:00Z', '2011-12-31T10:00Z'],
    ['2011-12-29T10:00', '2011-12-30T10:00', '2011-12-31T10:00'],
  );
  f(
    'America/Sao_Paulo',
    ['2018-11-04T03:00Z', '2018-11-06T02:00Z'],
    ['2018-11-04T03:00', '2018-11-05T02:00', '2018-11-06T02:00'],
  );
});

test('a step is whole hours, and a word of accumulation is one there is', () => {
  for (const text of ['30m', '0h', '-1h', '90m', '1ms']) {
    expect(() => parseStep(text), text).toThrow(/one or more whole hours/);
  }
  expect(() => parseStep('2000d')).toThrow(/longer than 1830 days/);
  expect(() => parseStep('x')).toThrow(/cannot be read/);
  expect(() => parseAccumulate('dya')).toThrow(/one of false, none, true, all, hour, day, .*perhaps day/);
  expect(() => parseAccumulate('__proto__')).toThrow(/must be one of/);
});

test('too many sets are refused with the limit', () => {
  const cut = parseStep('1h');
  expect(cutWindow({ start: 0, end: SETS_MAX * HOUR_MS }, cut)).toHaveLength(SETS_MAX);
  expect(() => cutWindow({ start: 0, end: SETS_MAX * HOUR_MS + 1 }, cut)).toThrow(
    new RegExp(`more than ${SETS_MAX} sets`),
  );
});

test('sets adjoin and together are the window, however it is cut', () => {
  const cuts = fc.oneof(
    fc.constant(WHOLE),
    fc.record({ kind: fc.constantFrom('hours', 'days' as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({
      kind: fc.constant('calendar' as const),
      unit: fc.constantFrom('hour', 'day', 'week', 'month', 'quarter' as const),
    }),
  );
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/Sao_Paulo',
    'Pacific/Apia',
    'Australia/Lord_Howe',
    '-03:30',
  );
  const starts = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2030, 0) });
  fc.assert(
    fc.property(starts, fc.integer({ min: 1, max: 90 * DAY_MS }), cuts, zones, (start, length, cut, zone) => {
      const sets = cutWindow({ start, end: start + length }, cut, { zone: parseZone(zone) });
      expect(sets[0]?.start).toBe(start);
      expect(sets.at(-1)?.end).toBe(start + length);
      for (const [index, set] of sets.entries()) {
        expect(set.start).toBeLessThan(set.end);
        if (index > 0) expect(set.start).toBe(sets[index - 1]?.end);
      }
    }),
  );
});

const Case = z.object({
  start: z.string(),
  end: z.union([z.string(), z.object({}).transform(() => 'another zone')]),
  windowSize: z.number(),
  expected: z.array(z.object({ args: z.tuple([z.string(), z.string()]) })).nullable(),
});

/**
 * Rows of OpenCost's that refuse: windows off the grid of the step, or of two zones. Its function makes the files of its
 * store, which need the grid; ours cuts what people ask, and a set that is cut short adds up all the same. Zones of the two
 * instants do not meet here: a window is in milliseconds.
 */
const REFUSED_THERE = new Set([
  'mismatching tz',
  'hour windows off hour grid',
  'hour windows range not divisible by hour',
  'day windows off day grid',
  'day windows range not divisible by day',
]);

describeOracle('window_get_windows', () => {
  const cases = readOracle('window_get_windows', z.object({ cases: z.record(z.string(), Case) })).cases;
  const same = Object.entries(cases).filter(([name]) => !REFUSED_THERE.has(name));

  test.each(same)('the same sets: %s', (_name, { start, end, windowSize, expected }) => {
    const sets = cutWindow({ start: Date.parse(start), end: Date.parse(end) }, parseStep(`${windowSize}s`));
    const want = expected?.map(({ args: [from, to] }) => ({ start: Date.parse(from), end: Date.parse(to) }));
    expect(sets).toEqual(want);
    expect(windowSize * SECOND_MS).toBeGreaterThanOrEqual(HOUR_MS);
  });
});
