import { AppError, type ErrorCode } from '../../lib/errors.ts';

/** SQLSTATE, or the class that its first two characters name, to our code. The longest match counts. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  '08': 'store_unavailable', // connection exceptions
  '22': 'invalid_request', // data exceptions: malformed UUID, NUL in a text, number out of range
  '23502': 'invalid_request',
  '23503': 'not_found',
  '23505': 'conflict',
  '23514': 'invalid_request',
  '25P03': 'query_timeout', // idle in transaction
  '40': 'store_unavailable', // lost a race more often than we try
  '53': 'store_unavailable', // too many connections, out of memory
  '53100': 'store_full',
  '55P03': 'store_unavailable', // lock not available in time
  '57014': 'query_timeout',
  '57P': 'store_unavailable', // shutting down, starting up
};

/** What the caller may be told: data errors speak of the caller's own input, the rest only of us. */
const SAYS_WHY: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'conflict', 'not_found']);

/** The failure of a driver in the product's words. Defects of ours (`TypeError`, bad SQL) come back unchanged. */
export function relationalError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const state = sqlState(error);
  if (state === undefined) return isDefect(error) ? error : unavailable(error);
  const code = CODES[state] ?? CODES[state.slice(0, 3)] ?? CODES[state.slice(0, 2)];
  if (code === undefined) return error;
  const reason = SAYS_WHY.has(code) ? error.message : `SQLSTATE ${state}`;
  return new AppError(code, `the relational store cannot do this: ${reason}`, { cause: error });
}

/** A race that another try may win. */
export function isLostRace(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : error;
  return cause instanceof Error && ['40001', '40P01'].includes(sqlState(cause) ?? '');
}

/** The code in brackets (`ECONNREFUSED`, `28P01`) is all that is told of the reason; the rest is in `cause`. */
export function unavailable(cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
  return new AppError('store_unavailable', `the relational store does not answer${code}`, { cause });
}

function sqlState(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : undefined;
}

/** Drivers report lost connections as plain errors, with or without an `E…` code of the system. */
function isDefect(error: Error): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}
