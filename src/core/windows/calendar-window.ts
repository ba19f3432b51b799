import { DAY_MS, HOUR_MS, hourStart, MINUTE_MS, SECOND_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { ledgerHours, type Window } from '../coverage.ts';
import { parseInstant } from '../window.ts';
import { addDays, startOfDate, UTC, unitStart, type Zone } from './zone.ts';

/** Days of a window, at most. */
export const WINDOW_DAYS_MAX = 1_830;
/** Where time ends for us. It begins in 1970. */
const INSTANT_MAX = Date.UTC(2200, 0, 1);

const FORMS =
  'today, yesterday, week, month, lastweek, lastmonth, 30m, 24h, 7d, 2w, 24h offset 1h, or two instants with a comma: ' +
  'dates, RFC 3339 (2026-01-01T00:00:00Z) or seconds since 1970';

const LENGTH = /^(\d{1,6})([mhdw])$/;
const SHIFTED = /^(\d{1,6})([mhdw]) offset (\d{1,6})([mhdw])$/;
const SECONDS_PAIR = /^(\d{1,12})[,-](\d{1,12})$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

interface WindowContext {
  /** Milliseconds. */
  readonly now: number;
  /** Whose days, weeks and months are meant; UTC when not given. */
  readonly zone?: Zone;
}

/**
 * Reads a window in the words of the OpenCost API. Unlike `parseWindow`, it speaks of whole units of the calendar:
 *
 * - `7d` is today and the six days before it, whole; `24h` the hour that holds now and the 23 before it, `30m` likewise;
 *   `2w` is 14 days that end with today. This is OpenCost's rounding. At midnight sharp, today is the day that begins.
 *   Kubecost cuts such a window at now, and answers four daily sets for `3d`: ask it for two instants instead.
 * - `today`, `yesterday`, `lastweek` and `lastmonth` are whole; `week` and `month` end now. Weeks start on Sunday.
 * - `24h offset 1h` ends an hour ago and is not rounded. Its days and weeks are those of the calendar too.
 * - Two instants stand as they are; a date stands for its first instant in the zone.
 *
 * @throws AppError `invalid_request` for what cannot be read, is reversed or has no length; `window_too_large` past
 *   `WINDOW_DAYS_MAX`; `timestamp_out_of_range` before 1970 and from 2200 on.
 */
export function parseCalendarWindow(text: string, { now, zone = UTC }: WindowContext): Window {
  const asked = text.trim();
  const window =
    named(asked, now, zone) ?? rounded(asked, now, zone) ?? shifted(asked, now, zone) ?? between(asked, zone);
  if (window === undefined) throw refusal(text, `cannot be read; it can be ${FORMS}`);
  if (window.start === window.end) throw refusal(text, 'has no length: it ends where it starts');
  if (window.start > window.end) throw refusal(text, 'is reversed: it ends before it starts');
  const days = Math.floor((window.end - window.start) / DAY_MS);
  if (days > WINDOW_DAYS_MAX) {
    throw refusal(text, `has ${days} days; at most ${WINDOW_DAYS_MAX}`, 'window_too_large');
  }
  if (window.start < 0 || window.end > INSTANT_MAX) {
    throw refusal(text, 'is outside of the years 1970 to 2199', 'timestamp_out_of_range');
  }
  return window;
}

/**
 * The same for a question to the ledger, which knows whole hours. One rule for every form: an hour belongs to the window that
 * holds its start, and a window that holds none stands for the hour that it is in. So `90m` at 15:42 is from 15:00 to 16:00,
 * for it began at 14:13, and `10m` is that too.
 *
 * The window that is given back says so: its edges are those of the hours that count. An edge at the start of a day of the
 * zone stays where it is, also where that is no full hour, for the days that follow it are cut from there.
 *
 * @throws AppError as `parseCalendarWindow` does.
 */
export function parseHourlyWindow(text: string, context: WindowContext): Window {
  const { zone = UTC } = context;
  const window = parseCalendarWindow(text, context);
  const hours = ledgerHours(window);
  if (hours.start === hours.end) return { start: hourStart(window.start), end: hourStart(window.start) + HOUR_MS };
  const isDay = (at: number) => unitStart(at, 'day', { zone }) === at;
  return {
    start: isDay(window.start) ? window.start : hours.start,
    end: isDay(window.end) ? window.end : hours.end,
  };
}

type Refusals = 'invalid_request' | 'window_too_large' | 'timestamp_out_of_range';

function refusal(text: string, why: string, code: Refusals = 'invalid_request'): AppError {
  return new AppError(code, `the window "${text.slice(0, 80)}" ${why}`, { details: { field: 'window' } });
}

function named(text: string, now: number, zone: Zone): Window | undefined {
  const start = (unit: 'day' | 'week' | 'month', move = 0) => unitStart(now, unit, { zone, move });
  // At the very start of a week or month, what ends now holds its first instant, so that it is never empty.
  const untilNow = (from: number): Window => ({ start: from, end: Math.max(now, from + 1) });
  switch (text) {
    case 'today':
      return { start: start('day'), end: start('day', 1) };
    case 'yesterday':
      return { start: start('day', -1), end: start('day') };
    case 'week':
      return untilNow(start('week'));
    case 'lastweek':
      return { start: start('week', -1), end: start('week') };
    case 'month':
      return untilNow(start('month'));
    case 'lastmonth':
      return { start: start('month', -1), end: start('month') };
    default:
      return undefined;
  }
}

function rounded(text: string, now: number, zone: Zone): Window | undefined {
  const [, digits, unit] = LENGTH.exec(text) ?? [];
  const count = Number(digits);
  if (unit === 'm' || unit === 'h') {
    const unitMs = unit === 'm' ? MINUTE_MS : HOUR_MS;
    const end = Math.floor(now / unitMs) * unitMs + unitMs;
    return { start: end - count * unitMs, end };
  }
  if (unit === undefined) return undefined;
  const days = unit === 'w' ? 7 * count : count;
  return { start: unitStart(now, 'day', { zone, move: 1 - days }), end: unitStart(now, 'day', { zone, move: 1 }) };
}

function shifted(text: string, now: number, zone: Zone): Window | undefined {
  const [found, length = '', lengthUnit = '', offset = '', offsetUnit = ''] = SHIFTED.exec(text) ?? [];
  if (found === undefined) return undefined;
  const end = before(now, { count: Number(offset), unit: offsetUnit, zone });
  return { start: before(end, { count: Number(length), unit: lengthUnit, zone }), end };
}

function before(at: number, { count, unit, zone }: { count: number; unit: string; zone: Zone }): number {
  if (unit === 'm') return at - count * MINUTE_MS;
  if (unit === 'h') return at - count * HOUR_MS;
  return addDays(at, unit === 'w' ? -7 * count : -count, zone);
}

function between(text: string, zone: Zone): Window | undefined {
  const [, from, to] = SECONDS_PAIR.exec(text) ?? [];
  if (from !== undefined && to !== undefined) {
    return { start: Number(from) * SECOND_MS, end: Number(to) * SECOND_MS };
  }
  const parts = text.split(',', 3).map((part) => instantIn(part.trim(), zone));
  const [start, end] = parts;
  return parts.length === 2 && start !== undefined && end !== undefined ? { start, end } : undefined;
}

function instantIn(text: string, zone: Zone): number | undefined {
  const at = parseInstant(text);
  return at !== undefined && DATE.test(text) ? startOfDate(text, zone) : at;
}
