import { ClickHouseError } from '@clickhouse/client';
import { expect, test } from 'vitest';
import { AppError, type ErrorCode } from '../../lib/errors.ts';
import { columnarError } from './clickhouse-errors.ts';

test('a refusal of the server means to a caller what can be done about it', () => {
  const f = (code: number, type: string, message: string, want: ErrorCode) =>
    expect(columnarError(new ClickHouseError({ code: String(code), type, message })).code, type).toBe(want);
  f(159, 'TIMEOUT_EXCEEDED', 'Timeout exceeded: elapsed 1 s', 'query_timeout');
  f(241, 'MEMORY_LIMIT_EXCEEDED', 'Query memory limit exceeded', 'query_too_large');
  f(241, 'MEMORY_LIMIT_EXCEEDED', '(total) memory limit exceeded', 'store_unavailable');
  f(396, 'TOO_MANY_ROWS_OR_BYTES', 'Limit for result exceeded', 'query_too_large');
  f(243, 'NOT_ENOUGH_SPACE', 'Cannot reserve 1.00 MiB', 'store_full');
  f(1001, 'STD_EXCEPTION', 'filesystem error: No space left on device', 'store_full');
  f(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries', 'store_unavailable');
  f(252, 'TOO_MANY_PARTS', 'Too many parts', 'store_unavailable');
  f(516, 'AUTHENTICATION_FAILED', 'Authentication failed', 'store_unavailable');
  f(60, 'UNKNOWN_TABLE', 'Unknown table', 'internal');
});

test('a network that fails is a store that is away; anything else is our defect', () => {
  const f = (error: unknown, want: ErrorCode) => expect(columnarError(error).code, String(error)).toBe(want);
  f(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'store_unavailable');
  f(Object.assign(new Error('read'), { code: 'ECONNRESET' }), 'store_unavailable');
  f(new Error('socket hang up'), 'store_unavailable');
  f(new TypeError('x is undefined'), 'internal');
  f('a text', 'internal');
});

test('an error of ours stays as it is, and the words of the server never reach a caller', () => {
  const ours = new AppError('conflict', 'words');
  expect(columnarError(ours)).toBe(ours);
  const theirs = columnarError(
    new ClickHouseError({ code: '60', type: 'UNKNOWN_TABLE', message: 'table secret_name' }),
  );
  expect(theirs.message).toBe('the columnar store refused: UNKNOWN_TABLE (60)');
});
