import { Temporal } from 'temporal-polyfill';
import { HOUR_MS, hourStart } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';

/** A time zone that is known to exist: the name that the IANA gives it, or a distance from UTC such as `-07:00`. */
export type Zone = string & { readonly __zone: 'valid' };

export type CalendarUnit = 'hour' | 'day' | 'week' | 'month' | 'quarter';

const NAME = /^[A-Za-z][\w+/-]{0,63}$/;
const DISTANCE = /^[+-]\d\d:\d\d$/;

export const UTC: Zone = parseZone('UTC');

/** @throws AppError `invalid_request` for what is no time zone. */
export function parseZone(text: string): Zone {
  if (NAME.test(text) || DISTANCE.test(text)) {
    try {
      const { timeZoneId } = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text);
      if (isZone(timeZoneId)) return timeZoneId;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  const shown = JSON.stringify(text.slice(0, 80));
  throw new AppError(
    'invalid_request',
    `there is no time zone ${shown}; expected a name such as Europe/Berlin, or a distance from UTC such as -07:00`,
    { details: { field: 'zone' } },
  );
}

function isZone(id: string): id is Zone {
  return id !== '';
}

/**
 * The start of the unit of the zone's calendar that holds `at`, or of the one `move` units after it. A day has 23 or 25
 * hours where clocks change, and starts late where they skip midnight. Weeks start on Sunday, as OpenCost's do. Hours are
 * those of UTC in every zone: they are the grain of the ledger.
 */
export function unitStart(at: number, unit: CalendarUnit, { zone, move = 0 }: { zone: Zone; move?: number }): number {
  if (unit === 'hour') return hourStart(at) + move * HOUR_MS;
  const first = firstDay(zoned(at, zone).toPlainDate(), unit);
  return dayStartIn(first.add(MOVES[unit](move)), zone);
}

const MOVES = {
  day: (count: number) => ({ days: count }),
  week: (count: number) => ({ weeks: count }),
  month: (count: number) => ({ months: count }),
  quarter: (count: number) => ({ months: 3 * count }),
} as const;

function firstDay(date: Temporal.PlainDate, unit: Exclude<CalendarUnit, 'hour'>): Temporal.PlainDate {
  switch (unit) {
    case 'day':
      return date;
    case 'week':
      return date.subtract({ days: date.dayOfWeek % 7 });
    case 'month':
      return date.with({ day: 1 });
    case 'quarter':
      return date.with({ day: 1 }).subtract({ months: (date.month - 1) % 3 });
    default:
      return unit satisfies never;
  }
}

/** The same time of day `days` later in the zone; where clocks skip it, the time after the gap. */
export function addDays(at: number, days: number, zone: Zone): number {
  return zoned(at, zone).add({ days }).epochMilliseconds;
}

/** The first instant of a day (`2026-03-29`) in the zone. The day must be a real one. */
export function startOfDate(isoDate: string, zone: Zone): number {
  return dayStartIn(Temporal.PlainDate.from(isoDate), zone);
}

function dayStartIn(date: Temporal.PlainDate, zone: Zone): number {
  return date.toZonedDateTime(zone).epochMilliseconds;
}

function zoned(at: number, zone: Zone): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}
