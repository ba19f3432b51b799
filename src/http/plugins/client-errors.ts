import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_MEDIA_TYPE } from '../../contracts/problem.ts';
import { AppError, type ErrorCode } from '../../lib/errors.ts';
import { problemOf } from '../problem.ts';

/** Request line and headers together. */
export const HEADER_BYTES_MAX = 16 * 1_024;

const CODES: Readonly<Record<string, [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: [
    'headers_too_large',
    `the request line and headers are too large: at most ${HEADER_BYTES_MAX} bytes together`,
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['body_too_large', 'the chunk extensions are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'the request did not arrive in time'],
};

/** Answers what is not HTTP enough to become a request. The connection ends: nobody knows where the next one starts. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [code, message] = CODES[error.code ?? ''] ?? ['invalid_request', 'this is not an HTTP request'];
  const body = JSON.stringify(problemOf(new AppError(code, message), crypto.randomUUID()));
  const { status } = new AppError(code, message);
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
