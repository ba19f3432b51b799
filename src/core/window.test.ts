import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../lib/clock.ts';
import { parseWindow } from './window.ts';

const NOW = Date.parse('2026-03-01T02:30:00Z');

test('windows are half-open and in UTC, whatever the zone of the machine', () => {
  const f = (text: string, start: string, end: string, now = NOW) => {
    const window = parseWindow(text, now);
    expect([new Date(window.start).toISOString(), new Date(window.end).toISOString()], text).toEqual([start, end]);
  };
  f('24h', '2026-02-28T02:30:00.000Z', '2026-03-01T02:30:00.000Z');
  f('7d', '2026-02-22T02:30:00.000Z', '2026-03-01T02:30:00.000Z');
  f('1w', '2026-02-22T02:30:00.000Z', '2026-03-01T02:30:00.000Z');
  f('today', '2026-03-01T00:00:00.000Z', '2026-03-01T02:30:00.000Z');
  f('today', '2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.001Z', Date.parse('2026-03-01T00:00:00Z'));
  f('yesterday', '2026-02-28T00:00:00.000Z', '2026-03-01T00:00:00.000Z');
  f('2026-01-01T00:00:00Z,2026-01-08T00:00:00Z', '2026-01-01T00:00:00.000Z', '2026-01-08T00:00:00.000Z');
  f('2026-01-01T00:00:00+02:00, 2026-01-01T00:00Z', '2025-12-31T22:00:00.000Z', '2026-01-01T00:00:00.000Z');
  f('2024-02-29,2024-03-01', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z');
});

test('what is no window is refused with the forms there are', () => {
  const f = (text: string, message: RegExp) => expect(() => parseWindow(text, NOW), text).toThrow(message);
  for (const text of ['', '7', 'd', '7 d', '-7d', '7D', '1.5d', '123456d', 'tomorrow', ',', 'a,b', 'today,']) {
    f(text, /it can be 7d/);
  }
  f('2026-01-01T00:00:00,2026-01-02T00:00:00', /it can be/);
  f('2026-02-30,2026-03-05', /it can be/);
  f('2026-13-01,2026-13-02', /it can be/);
  f('2026-01-01,2026-01-02,2026-01-03', /it can be/);
  f('0d', /empty/);
  f('2026-01-02,2026-01-01', /empty/);
  f('2026-01-01,2026-01-01', /empty/);
});

test('a length is exactly that long and holds as many hour starts as it has hours', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 2_000 }), (now, hours) => {
      const { start, end } = parseWindow(`${hours}h`, now);
      expect(end - start).toBe(hours * HOUR_MS);
      expect(Math.ceil(end / HOUR_MS) - Math.ceil(start / HOUR_MS)).toBe(hours);
    }),
  );
});

test('today and yesterday adjoin and share nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: DAY_MS, max: 4e12 }), (now) => {
      expect(parseWindow('yesterday', now).end).toBe(parseWindow('today', now).start);
    }),
  );
});

test('any text is a window or a refusal that a caller is told', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        const { start, end } = parseWindow(text, NOW);
        expect(start).toBeLessThan(end);
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_request' });
      }
    }),
  );
});
