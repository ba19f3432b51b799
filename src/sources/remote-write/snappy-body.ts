import { uncompress } from 'snappy';
import { AppError } from '../../lib/errors.ts';
import { malformed } from './proto-reader.ts';

/** Snappy's densest element makes 64 bytes of three: a header that promises more lies. */
const RATIO_MAX = 22;
const HEADER_BYTES_MAX = 5;

/**
 * What a body in snappy's block format unpacks to. The promised length is checked before anything is made, and the work is
 * done off the main thread. Throws `body_too_large`, `invalid_payload`.
 */
export async function unpackSnappy(body: Buffer, bytesMax: number): Promise<Buffer> {
  const length = promisedLength(body);
  if (length > bytesMax) {
    const message = `cannot accept the body: it unpacks to ${length} bytes; at most ${bytesMax}`;
    throw new AppError('body_too_large', message, { details: { limit_bytes: bytesMax } });
  }
  if (length > body.length * RATIO_MAX) throw notSnappy('its length is more than snappy can pack');
  try {
    const unpacked = await uncompress(body);
    return Buffer.isBuffer(unpacked) ? unpacked : Buffer.from(unpacked);
  } catch (cause) {
    throw notSnappy('it is not whole', cause);
  }
}

function promisedLength(body: Buffer): number {
  let length = 0;
  for (let at = 0; at < HEADER_BYTES_MAX; at += 1) {
    const byte = body[at];
    if (byte === undefined) break;
    length += (byte & 127) * 128 ** at;
    if (byte < 128) return length;
  }
  throw notSnappy('it has no length');
}

function notSnappy(why: string, cause?: unknown): AppError {
  const { message } = malformed(`it is not snappy in block format: ${why}`);
  return new AppError('invalid_payload', message, { cause });
}
