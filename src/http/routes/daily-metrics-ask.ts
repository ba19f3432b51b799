import type { z } from 'zod';
import { WINDOW_DAYS_MAX } from '../../contracts/costs.ts';
import type { nodeMetrics } from '../../contracts/node-metrics.ts';
import { parseInstant } from '../../core/window.ts';
import { DAY_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { PageRequest } from '../../queries/cost-queries.ts';

type DailyQuery = Omit<z.output<typeof nodeMetrics.query>, 'node_type'>;

export interface DailyAsk {
  /** Half-open, milliseconds, UTC: whole days. */
  readonly window: { readonly start: number; readonly end: number };
  readonly page: PageRequest;
}

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
const OFFSET_MAX = 1_000_000_000;
const DATE = /^\d{4}-\d\d-\d\d$/;
const WHOLE = /^-?\d{1,12}$/;
const YEARS = { first: 1970, last: 2100 } as const;
const ECHO_CHARS_MAX = 80;

/** Reads what all daily questions have in common. Throws `invalid_request` in the words that their clients know. */
export function readDailyAsk(query: DailyQuery, now: number): DailyAsk {
  const page = { limit: whole('limit', query.limit, LIMIT_DEFAULT), offset: whole('offset', query.offset, 0) };
  if (page.limit < 1 || page.limit > LIMIT_MAX) throw refusal(`Limit must be between 1 and ${LIMIT_MAX}`);
  if (page.offset < 0) throw refusal('Offset must be non-negative');
  if (page.offset > OFFSET_MAX) throw refusal(`Offset must be at most ${OFFSET_MAX}`);
  const today = new Date(now);
  const start = day('start_date', query.start_date, Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1));
  const lastDay = day('end_date', query.end_date, Math.floor(now / DAY_MS) * DAY_MS);
  const end = Math.max(start, lastDay + DAY_MS); // an end before the start is no day, as it is for their clients
  if (end - start > WINDOW_DAYS_MAX * DAY_MS) {
    throw refusal(`Invalid query parameters: ${(end - start) / DAY_MS} days; at most ${WINDOW_DAYS_MAX}`);
  }
  return { window: { start, end }, page };
}

function whole(name: string, text: string | undefined, standard: number): number {
  if (text === undefined || text === '') return standard;
  if (WHOLE.test(text)) return Number(text);
  throw refusal(`Invalid query parameters: ${name} ${shown(text)} is not a whole number`);
}

function day(name: string, text: string | undefined, standard: number): number {
  if (text === undefined || text === '') return standard;
  const at = DATE.test(text) ? parseInstant(text) : undefined;
  const year = Number(text.slice(0, 4));
  if (at !== undefined && year >= YEARS.first && year <= YEARS.last) return at;
  throw refusal(`Invalid ${name}: ${shown(text)} is not a date (YYYY-MM-DD) from ${YEARS.first} to ${YEARS.last}`);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, ECHO_CHARS_MAX).toWellFormed());
}

function refusal(words: string): AppError {
  return new AppError('invalid_request', words, { details: { error: words } });
}
