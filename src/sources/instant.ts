import { type Faults, note } from './faults.ts';
import type { Field, Row } from './fields.ts';

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
/** Clocks that are not set show the epoch or Go's year 1; no Kubernetes pod is older than Kubernetes. */
export const KNOWN_SINCE = Date.UTC(2014, 0, 1);

/** An RFC 3339 date-time (the `date-time` of JSON Schema) in ms since the epoch; NaN where `text` is none. */
export function parseInstant(text: string): number {
  const match = RFC3339.exec(text);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour = 0, offsetMinute = 0] = match;
  const inRange =
    Number(month) >= 1 && Number(month) <= 12 && Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 60;
  const inOffset = Number(offsetHour) <= 23 && Number(offsetMinute) <= 59;
  const midnight = new Date(0).setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDay = new Date(midnight).getUTCDate() === Number(day); // else 30 February became 2 March
  if (!inRange || !inOffset || !isDay) return Number.NaN;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const millis = Number(fraction.padEnd(3, '0').slice(0, 3));
  return midnight + seconds * 1000 + millis - (sign === '-' ? -offsetMs : offsetMs);
}

/** When something in a pod's life happened; null where not known. It must not be after `latest`. */
export function readLifeInstant(row: Row, field: Field & { readonly latest: number }, faults: Faults): number | null {
  const value = row[field.key];
  if (value === undefined || value === null || value === '') return null;
  const at = typeof value === 'string' ? parseInstant(value) : Number.NaN;
  if (Number.isNaN(at)) note(faults, field.path, 'must be an RFC 3339 date-time');
  else if (at > field.latest) note(faults, field.path, 'must not be in the future');
  else if (at >= KNOWN_SINCE) return at;
  return null;
}
