import { SECOND_MS } from '../lib/clock.ts';

export interface BackoffLimits {
  readonly firstMs: number;
  /** Also of what a server asks for. */
  readonly maxMs: number;
}

export const BACKOFF: BackoffLimits = { firstMs: SECOND_MS, maxMs: 60 * SECOND_MS };

/**
 * How long to wait before attempt `failures + 1`: it doubles up to `maxMs`, and up to half of it is left to chance, so that
 * the senders of a fleet do not come back all at once. `random` is in [0, 1).
 */
export function backoffMs(failures: number, random: number, { firstMs, maxMs }: BackoffLimits = BACKOFF): number {
  const wholeMs = Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(0, failures - 1), 30));
  return Math.round(wholeMs * (0.5 + random / 2));
}

const SECONDS = /^\d{1,9}$/;

/** What a `Retry-After` header asks for, in seconds or as a date; null where there is none to be read. */
export function retryAfterMs(header: unknown, now: number): number | null {
  if (typeof header !== 'string') return null;
  if (SECONDS.test(header.trim())) return Number(header) * SECOND_MS;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
