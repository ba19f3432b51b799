/**
 * The window of time the page is about. Inside it is half-open milliseconds in UTC, like everywhere in Kubetally; an
 * hour belongs to the window that holds its start.
 */
export interface TimeWindow {
  readonly start: number;
  readonly end: number;
}

/** What a person picked: a preset that ends with the last full hour, or a range of their own. */
export type WindowChoice = { readonly preset: Preset } | TimeWindow;

export type Preset = keyof typeof PRESET_DAYS;
export type Interval = 'hourly' | 'daily';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** As the server's own limit (`WINDOW_DAYS_MAX`). */
const WINDOW_DAYS_MAX = 800;
const HOURLY_DAYS_MAX = 8;
const PRESET_DAYS = { '1d': 1, '7d': 7, '30d': 30 } as const;

export const PRESETS: readonly { readonly value: Preset; readonly label: string }[] = [
  { value: '1d', label: '1 day' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
];

export function isPreset(value: unknown): value is Preset {
  return typeof value === 'string' && Object.hasOwn(PRESET_DAYS, value);
}

/** `hour` is the start of the current hour: the last full hour ends there. */
export function resolveWindow(choice: WindowChoice, hour: number): TimeWindow {
  if (!('preset' in choice)) return choice;
  return { start: hour - PRESET_DAYS[choice.preset] * DAY_MS, end: hour };
}

/** The problem with a custom range in words for its form, or `undefined` when there is none. */
export function windowProblem({ start, end }: TimeWindow): string | undefined {
  if (!Number.isFinite(start) || !Number.isFinite(end)) return 'Give both a start and an end.';
  if (start % HOUR_MS !== 0 || end % HOUR_MS !== 0) return 'Costs are kept by the hour: choose full hours.';
  if (start >= end) return 'The start must be before the end.';
  if (end - start > WINDOW_DAYS_MAX * DAY_MS) return `A window holds at most ${WINDOW_DAYS_MAX} days.`;
  return undefined;
}

/** Hours up to about a week, days beyond: some 30 to 200 steps on the chart. */
export function intervalFor({ start, end }: TimeWindow): Interval {
  return end - start <= HOURLY_DAYS_MAX * DAY_MS ? 'hourly' : 'daily';
}

/** Text of a `datetime-local` field (`2026-11-21T05:00`), read as UTC; NaN when empty or wrong. */
export function parseUtcField(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
}

export function formatUtcField(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const DATE_YEAR = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const WEEKDAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' });

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** `14 Nov, 05:00 – 21 Nov 2026, 05:00 UTC`. */
export function formatWindow({ start, end }: TimeWindow): string {
  const sameYear = new Date(start).getUTCFullYear() === new Date(end).getUTCFullYear();
  return `${(sameYear ? DATE : DATE_YEAR).format(start)}, ${clock(start)} – ${DATE_YEAR.format(end)}, ${clock(end)} UTC`;
}

/** One step of the chart: `Tue 17 Nov, 14:00–15:00 UTC`, or `Tue 17 Nov` for a whole day. */
export function formatStep({ start, end }: TimeWindow): string {
  const day = `${WEEKDAY.format(start)} ${DATE.format(start)}`;
  return end - start === DAY_MS && start % DAY_MS === 0 ? day : `${day}, ${clock(start)}–${clock(end)} UTC`;
}
