import type { FastifyRequest } from 'fastify';
import { AppError } from '../../lib/errors.ts';
import type { WriteVersion } from '../../sources/remote-write/remote-write.ts';

const MESSAGES: Readonly<Record<string, WriteVersion>> = {
  'prometheus.WriteRequest': '1.0',
  'io.prometheus.write.v2.Request': '2.0',
};

/**
 * Which message a request holds, by its `Content-Type` and `Content-Encoding`. Senders of 2.0 fall back to 1.0 when they are
 * told 415. Throws `unsupported_media_type`.
 */
export function writeVersionOf({ headers }: Pick<FastifyRequest, 'headers'>): WriteVersion {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim());
  if (type.toLowerCase() !== 'application/x-protobuf') throw unsupported('Content-Type: application/x-protobuf');
  const encoding = headers['content-encoding'] ?? '';
  if (encoding.trim().toLowerCase() !== 'snappy') throw unsupported('Content-Encoding: snappy');
  const message = parameters.find((part) => part.toLowerCase().startsWith('proto='))?.slice('proto='.length);
  if (message === undefined) return '1.0';
  const version = Object.hasOwn(MESSAGES, message) ? MESSAGES[message] : undefined;
  if (version === undefined) throw unsupported(`proto=${Object.keys(MESSAGES).join(' or proto=')}`);
  return version;
}

function unsupported(expected: string): AppError {
  return new AppError('unsupported_media_type', `cannot read this body; send "${expected}"`);
}
