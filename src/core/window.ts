import { DAY_MS, dayStart, HOUR_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Window } from './coverage.ts';

const LENGTH = /^(\d{1,5})(h|d|w)$/;
const LENGTH_MS = { h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS } as const;
/** A date, or an instant with its offset from UTC: without one its meaning would depend on the machine. */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
const FORMS =
  '7d, 24h, 2w, today, yesterday, or two dates or instants with a comma: 2026-01-01T00:00:00Z,2026-01-08T00:00:00Z';

/**
 * Reads a window as people write it. Lengths end at `now`; days are those of UTC; a date stands for its first instant.
 *
 * @throws AppError `invalid_request` that names the forms there are.
 */
export function parseWindow(text: string, now: number): Window {
  const window = relative(text, now) ?? between(text);
  if (window === undefined) throw refusal(text, `cannot be read; it can be ${FORMS}`);
  if (window.start >= window.end) throw refusal(text, 'is empty: its start must be before its end');
  return window;
}

function refusal(text: string, why: string): AppError {
  return new AppError('invalid_request', `the window "${text.slice(0, 80)}" ${why}`);
}

function relative(text: string, now: number): Window | undefined {
  const today = dayStart(now);
  // Just after midnight `today` holds the instant itself, so that it is never empty.
  if (text === 'today') return { start: today, end: Math.max(now, today + 1) };
  if (text === 'yesterday') return { start: today - DAY_MS, end: today };
  const lengthMs = parseLength(text);
  return lengthMs === undefined ? undefined : { start: now - lengthMs, end: now };
}

/** Milliseconds of a length of time as people write it (`24h`, `7d`, `2w`); undefined when it is none. */
export function parseLength(text: string): number | undefined {
  const [, count, unit] = LENGTH.exec(text) ?? [];
  return unit === 'h' || unit === 'd' || unit === 'w' ? Number(count) * LENGTH_MS[unit] : undefined;
}

function between(text: string): Window | undefined {
  const parts = text.split(',').map((part) => part.trim());
  const [start, end] = parts.map(parseInstant);
  return parts.length === 2 && start !== undefined && end !== undefined ? { start, end } : undefined;
}

/** Milliseconds of a date or an instant with its offset; undefined when it is none. */
export function parseInstant(text: string): number | undefined {
  if (!INSTANT.test(text)) return undefined;
  const at = Date.parse(text);
  const isReal = Number.isFinite(at) && Number(text.slice(8, 10)) <= daysOfMonth(text);
  return isReal ? at : undefined;
}

/** `Date.parse` takes February 30 for March 2. */
function daysOfMonth(text: string): number {
  return new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
}
