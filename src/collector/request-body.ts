import type { IncomingMessage } from 'node:http';
import { AppError } from '../lib/errors.ts';
import { parseJsonBody } from '../lib/json-body.ts';
import { UNPACKED_BYTES_MAX, unpack } from './parcel.ts';

export interface PostedBody {
  /** As it came over the wire, where that was gzip; else null. */
  readonly gzipped: Buffer | null;
  readonly json: unknown;
}

const WIRE_BYTES_MAX = 16 * 2 ** 20;

/**
 * Reads a posted JSON body, plain or gzip. Throws `body_too_large`, `unsupported_media_type`, `invalid_payload`; and
 * `request_timeout` where the sender left in the middle.
 */
export async function readPostedBody(request: IncomingMessage): Promise<PostedBody> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const isGzip = encoding === 'gzip' || encoding === 'x-gzip';
  if (!isGzip && encoding !== 'identity') {
    throw new AppError('unsupported_media_type', 'cannot read this Content-Encoding; known is gzip');
  }
  const wire = await readWire(request);
  return { gzipped: isGzip ? wire : null, json: parseJsonBody(isGzip ? await unpacked(wire) : wire) };
}

async function readWire(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > WIRE_BYTES_MAX) throw tooLarge(WIRE_BYTES_MAX);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.length;
      if (bytes > WIRE_BYTES_MAX) throw tooLarge(WIRE_BYTES_MAX);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('request_timeout', 'cannot read the body: it did not come to its end', { cause: error });
  }
  return Buffer.concat(chunks);
}

async function unpacked(wire: Buffer): Promise<Buffer> {
  try {
    return await unpack(wire);
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(UNPACKED_BYTES_MAX);
    throw new AppError('invalid_payload', 'cannot read the body: it is no gzip', { cause });
  }
}

function tooLarge(bytesMax: number): AppError {
  return new AppError('body_too_large', `cannot accept the body: it has more than ${bytesMax} bytes`);
}
