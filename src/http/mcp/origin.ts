import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../lib/errors.ts';

const ECHO_CHARS_MAX = 100;

/**
 * Refuses a page of another site, as the protocol demands: a name that leads to this machine only now (DNS rebinding) would
 * make a browser here its messenger. Programs send no origin. Not even our own name is trusted, which such a page bears too.
 */
export function refuseForeignOrigin({ origin }: IncomingHttpHeaders, allowed: readonly string[]): void {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return;
  const message = `cannot take requests of pages from ${origin.slice(0, ECHO_CHARS_MAX)}; it is not in http.corsOrigins`;
  throw new AppError('origin_refused', message);
}
