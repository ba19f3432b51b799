import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

const DURATION = /^(?:offset\s+)?([+-]?)((?:\d{1,12}(?:\.\d{1,9})?(?:ns|us|µs|μs|ms|s|m|h|d|w))+)$/;
const PART = /([\d.]+)([a-zµμ]+)/g;
const DURATION_CHARS_MAX = 100;

/**
 * Milliseconds of a duration as Go writes it (`1h30m`, `1.5h`, `-2d`, `100ms`), with days of 24 hours and weeks. White
 * space around it and Prometheus' word `offset` before it say nothing.
 *
 * @throws AppError `invalid_request` for anything else; a number without a unit is no duration.
 */
export function parseDuration(text: string): number {
  const [, sign, parts] = text.length > DURATION_CHARS_MAX ? [] : (DURATION.exec(text.trim()) ?? []);
  if (parts === undefined) {
    const shown = JSON.stringify(text.slice(0, DURATION_CHARS_MAX));
    throw new AppError('invalid_request', `the duration ${shown} cannot be read; it can be 1h, 30m, 7d or 1h30m`);
  }
  const sum = [...parts.matchAll(PART)].reduce(
    (ms, [, count, unit]) => ms + Number(count) * (UNITS_MS[unit ?? ''] ?? 0),
    0,
  );
  return sign === '-' ? -sum : sum;
}
