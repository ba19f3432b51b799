import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeOracle, readOracle } from '../../../test/support/opencost-oracle.ts';
import { DAY_MS, HOUR_MS } from '../../lib/clock.ts';
import { ledgerHours } from '../coverage.ts';
import { parseCalendarWindow, parseHourlyWindow, WINDOW_DAYS_MAX } from './calendar-window.ts';
import { parseZone, UTC } from './zone.ts';

const NOW = Date.parse('2026-03-18T15:42:10Z'); // a Wednesday

const read = (text: string, { now = NOW, zone = 'UTC' } = {}) => {
  const { start, end } = parseCalendarWindow(text, { now, zone: parseZone(zone) });
  return [start, end].map((at) => new Date(at).toISOString().replace('.000Z', 'Z')).join(' ');
};

test('a window is whole units of the calendar', () => {
  const f = (text: string, want: string) => expect(read(text), text).toBe(want);
  f('today', '2026-03-18T00:00:00Z 2026-03-19T00:00:00Z');
  f('yesterday', '2026-03-17T00:00:00Z 2026-03-18T00:00:00Z');
  f('week', '2026-03-15T00:00:00Z 2026-03-18T15:42:10Z');
  f('lastweek', '2026-03-08T00:00:00Z 2026-03-15T00:00:00Z');
  f('month', '2026-03-01T00:00:00Z 2026-03-18T15:42:10Z');
  f('lastmonth', '2026-02-01T00:00:00Z 2026-03-01T00:00:00Z');
  f('1m', '2026-03-18T15:42:00Z 2026-03-18T15:43:00Z');
  f('2h', '2026-03-18T14:00:00Z 2026-03-18T16:00:00Z');
  f('7d', '2026-03-12T00:00:00Z 2026-03-19T00:00:00Z');
  f('2w', '2026-03-05T00:00:00Z 2026-03-19T00:00:00Z');
  f(' 2h offset 30m ', '2026-03-18T13:12:10Z 2026-03-18T15:12:10Z');
  f('1d offset 1w', '2026-03-10T15:42:10Z 2026-03-11T15:42:10Z');
  f('1583712000,1583884800', '2020-03-09T00:00:00Z 2020-03-11T00:00:00Z');
  f('1583712000-1583884800', '2020-03-09T00:00:00Z 2020-03-11T00:00:00Z');
  f('2026-01-01T00:00:00Z,2026-01-02T00:00:00+02:00', '2026-01-01T00:00:00Z 2026-01-01T22:00:00Z');
  f('2026-01-01,2026-01-08', '2026-01-01T00:00:00Z 2026-01-08T00:00:00Z');
});

test('at the edge of a unit the unit that begins is meant, and no window is empty', () => {
  const f = (text: string, now: string, want: string) => expect(read(text, { now: Date.parse(now) }), text).toBe(want);
  f('today', '2026-03-18T00:00:00Z', '2026-03-18T00:00:00Z 2026-03-19T00:00:00Z');
  f('1d', '2026-03-18T00:00:00Z', '2026-03-18T00:00:00Z 2026-03-19T00:00:00Z');
  f('1h', '2026-03-18T15:00:00Z', '2026-03-18T15:00:00Z 2026-03-18T16:00:00Z');
  f('week', '2026-03-15T00:00:00Z', '2026-03-15T00:00:00Z 2026-03-15T00:00:00.001Z');
  f('month', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z 2026-03-01T00:00:00.001Z');
});

test('days are those of the zone, with the hours that they have there', () => {
  const f = (text: string, zone: string, now: string, want: string) =>
    expect(read(text, { now: Date.parse(now), zone }), `${text} ${zone}`).toBe(want);
  const spring = '2026-03-29T12:00:00Z';
  f('today', 'Europe/Berlin', spring, '2026-03-28T23:00:00Z 2026-03-29T22:00:00Z');
  f('2d', 'Europe/Berlin', spring, '2026-03-27T23:00:00Z 2026-03-29T22:00:00Z');
  f('1d offset 1d', 'Europe/Berlin', '2026-03-30T12:00:00Z', '2026-03-28T13:00:00Z 2026-03-29T12:00:00Z');
  f('yesterday', 'America/New_York', '2026-11-02T12:00:00Z', '2026-11-01T04:00:00Z 2026-11-02T05:00:00Z');
  f('today', 'America/Sao_Paulo', '2018-11-04T12:00:00Z', '2018-11-04T03:00:00Z 2018-11-05T02:00:00Z');
  f('lastweek', 'Asia/Kolkata', '2026-03-15T00:00:00Z', '2026-03-07T18:30:00Z 2026-03-14T18:30:00Z');
  f('month', 'Pacific/Auckland', '2026-03-31T11:30:00Z', '2026-03-31T11:00:00Z 2026-03-31T11:30:00Z');
  f('today', '-07:00', '2026-03-19T06:30:00Z', '2026-03-18T07:00:00Z 2026-03-19T07:00:00Z');
  f('2026-03-29,2026-03-30', 'Europe/Berlin', spring, '2026-03-28T23:00:00Z 2026-03-29T22:00:00Z');
  f('24h', 'Asia/Kolkata', spring, '2026-03-28T13:00:00Z 2026-03-29T13:00:00Z');
});

test('to the ledger, a window is the hours that begin in it, or the one that it is in, and says so', () => {
  const f = (text: string, at: string, want: string, zone = UTC) => {
    const { start, end } = parseHourlyWindow(text, { now: Date.parse(`2026-03-18T${at}Z`), zone });
    expect([start, end].map((edge) => new Date(edge).toISOString().slice(8, 16)).join(' '), text).toBe(want);
  };
  f('10m', '15:42:10', '18T15:00 18T16:00');
  f('30m', '15:12:10', '18T15:00 18T16:00');
  f('60m', '15:42:10', '18T15:00 18T16:00');
  f('90m', '15:42:10', '18T15:00 18T16:00');
  f('90m', '15:12:10', '18T14:00 18T16:00');
  f('120m', '15:42:10', '18T14:00 18T16:00');
  f('10m offset 1d', '15:42:10', '17T15:00 17T16:00');
  f('1773843000,1773843600', '15:42:10', '18T14:00 18T15:00');
  f('2026-03-17T10:30:00Z,2026-03-17T12:30:00Z', '15:42:10', '17T11:00 17T13:00');
  f('1h', '15:42:10', '18T15:00 18T16:00');
  f('24h offset 1h', '15:42:10', '17T15:00 18T15:00');
  f('week', '15:42:10', '15T00:00 18T16:00');
  // days begin where they begin, though that is no full hour of the ledger
  const kolkata = parseZone('Asia/Kolkata');
  f('today', '15:42:10', '17T18:30 18T18:30', kolkata);
  f('month', '15:42:10', '28T18:30 18T16:00', kolkata);
});

test('windows that adjoin share no hour and lose none, as long as each holds the start of one', () => {
  const instant = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2026, 5) });
  fc.assert(
    fc.property(
      instant,
      fc.integer({ min: HOUR_MS, max: 9 * HOUR_MS }),
      fc.integer({ min: HOUR_MS, max: DAY_MS }),
      (from, a, b) => {
        const hours = (start: number, end: number) =>
          ledgerHours(parseHourlyWindow([start, end].map((at) => new Date(at).toISOString()).join(','), { now: NOW }));
        const [first, second] = [hours(from, from + a), hours(from + a, from + a + b)];
        expect(first.end).toBe(second.start);
        expect(hours(from, from + a + b)).toEqual({ start: first.start, end: second.end });
        expect(first.end - first.start).toBeGreaterThanOrEqual(HOUR_MS);
      },
    ),
  );
});

test('what is no window is refused with the reason or the limit', () => {
  const f = (text: string, message: RegExp) => expect(() => read(text), text).toThrow(message);
  for (const text of [
    '',
    '7',
    'd',
    '-7d',
    '7D',
    '1.5d',
    '1234567d',
    'tomorrow',
    ',',
    '1583712000',
    '1h offset',
    '2026-02-30,2026-03-05',
  ]) {
    f(text, /cannot be read; it can be today/);
  }
  f('2026-01-01T00:00:00,2026-01-02T00:00:00', /cannot be read/);
  f('2026-01-01,2026-01-02,2026-01-03', /cannot be read/);
  f('0d', /has no length/);
  f('1583712000,1583712000', /has no length/);
  f('1583884800,1583712000', /is reversed/);
  f('2026-01-02,2026-01-01', /is reversed/);
  read(`${WINDOW_DAYS_MAX}d`);
  f(`${WINDOW_DAYS_MAX + 1}d`, new RegExp(`has ${WINDOW_DAYS_MAX + 1} days; at most ${WINDOW_DAYS_MAX}`));
  f('999999w', /at most/);
  f('1d offset 999999w', /1970/);
  f('1969-12-31,1970-01-02', /1970/);
  f('9999-01-01,9999-01-02', /2199/);
});

test('adjoining days adjoin in every zone, over every change of its clocks', () => {
  const zones = ['Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Asia/Kolkata', '+13:45'];
  fc.assert(
    fc.property(fc.integer({ min: 365 * DAY_MS, max: Date.UTC(2100, 0) }), fc.constantFrom(...zones), (now, name) => {
      const zone = parseZone(name);
      const window = (text: string) => parseCalendarWindow(text, { now, zone });
      expect(window('yesterday').end).toBe(window('today').start);
      expect(window('2d').start).toBe(window('yesterday').start);
      expect(window('1d')).toEqual(window('today'));
      expect(window('lastweek').end).toBe(window('week').start);
      expect(window('lastmonth').end).toBe(window('month').start);
      const { start, end } = window('today');
      expect(start <= now && now < end).toBe(true);
      expect(end - start).toBeGreaterThanOrEqual(22 * HOUR_MS);
    }),
  );
});

test('any text is a window or a refusal that a caller is told', () => {
  const word = fc.constantFrom(
    '7',
    '999999',
    '0',
    'd',
    'h',
    'w',
    'm',
    ' offset ',
    ',',
    '-',
    'today',
    '2026-02-30',
    '2026-02-28T24:00Z',
  );
  const almost = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));
  fc.assert(
    fc.property(fc.oneof(almost, fc.string()), (text) => {
      try {
        const { start, end } = parseCalendarWindow(text, { now: NOW });
        expect(start).toBeLessThan(end);
      } catch (error) {
        expect(['invalid_request', 'window_too_large', 'timestamp_out_of_range']).toContain(Object(error).code);
      }
    }),
    { numRuns: 1_000 },
  );
});

const Row = z.tuple([z.string(), z.string(), z.string()]);
const ZoneRow = z.tuple([z.string(), z.string(), z.string(), z.string()]);
const Table = z.object({ now: z.string(), utc: z.array(Row), utcOffset: z.array(ZoneRow) });

describeOracle('window_parse', () => {
  // Of its known quirks, two are not ours: days are cut in the zone and not in UTC, and `N offset Mw` goes back M weeks.
  const table = readOracle('window_parse', Table);

  test.each(table.utc)('the same window: %s', (text, start, end) => {
    expect(read(text, { now: Date.parse(table.now) })).toBe(`${start} ${end}`);
  });

  test.each(table.utcOffset)('the same window: %s, %s', (at, text, start, end) => {
    const [, zone = '', now = ''] = /at (\S+) \((.*)\)/.exec(at) ?? [];
    expect(read(text, { now: Date.parse(now.replace(/T(\d\d:\d\d)Z/, 'T$1:00Z')), zone })).toBe(`${start} ${end}`);
  });

  test('UTC is where windows are when no zone is named', () => {
    const now = Date.parse(table.now);
    expect(parseCalendarWindow('today', { now })).toEqual(parseCalendarWindow('today', { now, zone: UTC }));
  });
});
