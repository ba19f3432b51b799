import { ClickHouseError } from '@clickhouse/client';
import { AppError, type ErrorCode } from '../../lib/errors.ts';

/** Codes of ClickHouse that are not our defect, by what they mean to a caller. */
const MEANINGS: Readonly<Partial<Record<ErrorCode, readonly number[]>>> = {
  query_timeout: [159, 160],
  query_too_large: [158, 161, 162, 167, 191, 241, 307, 396],
  store_full: [243],
  // overload, a server that is going away, a replica without its keeper, refused credentials
  store_unavailable: [74, 75, 76, 192, 193, 194, 202, 209, 210, 236, 242, 252, 279, 425, 439, 516, 999],
};
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const NETWORK_WORDS = /socket hang up|aborted|Timeout error|Premature close|other side closed/i;
const DISK_WORDS = /No space left on device|NOT_ENOUGH_SPACE/;
/** The server as a whole is out of memory: another moment will do, unlike a query over its own bound. */
const SERVER_MEMORY_WORDS = /\(total\) memory limit exceeded/i;
const MEMORY_LIMIT_EXCEEDED = 241;

/** What a failed call means to a caller. A statement that the store finds wrong is our defect: `internal`. */
export function columnarError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (DISK_WORDS.test(message)) {
    return new AppError('store_full', 'the columnar store has no space left', { cause: error });
  }
  if (error instanceof ClickHouseError) return fromServer(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (NETWORK_CODES.has(code) || NETWORK_WORDS.test(message)) {
    const words = `the columnar store does not answer (${code === '' ? message : code})`;
    return new AppError('store_unavailable', words, { cause: error });
  }
  return new AppError('internal', 'the columnar store gave an answer that cannot be read', { cause: error });
}

function fromServer(error: ClickHouseError): AppError {
  const code = Number(error.code);
  const words = `the columnar store refused: ${error.type ?? 'unknown'} (${code})`;
  const details = { clickhouseCode: code };
  if (code === MEMORY_LIMIT_EXCEEDED && SERVER_MEMORY_WORDS.test(error.message)) {
    return new AppError('store_unavailable', words, { cause: error, details });
  }
  return new AppError(meaningOf(code), words, { cause: error, details });
}

function meaningOf(code: number): ErrorCode {
  if (MEANINGS.store_full?.includes(code)) return 'store_full';
  if (MEANINGS.query_timeout?.includes(code)) return 'query_timeout';
  if (MEANINGS.query_too_large?.includes(code)) return 'query_too_large';
  return MEANINGS.store_unavailable?.includes(code) ? 'store_unavailable' : 'internal';
}
