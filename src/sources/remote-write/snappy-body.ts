import { AppError } from '../../lib/errors.ts';
import { malformed } from './proto-reader.ts';
import { SLACK_BYTES, SnappyBlock } from './snappy-block.ts';

/** Snappy's densest element makes 64 bytes of three: a header that promises more lies. */
const RATIO_MAX = 22;
const HEADER_BYTES_MAX = 5;
/** What is kept for the next body. Prometheus' own bodies unpack to 600 KB. */
const KEPT_BYTES_MAX = 4 * 2 ** 20;

/** Unpacks bodies in snappy's block format, one after another, into memory that it keeps. */
export class SnappyBodies {
  readonly #bytesMax: number;
  #room = Buffer.alloc(0);

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * What a body unpacks to, until the next one is. The promised length is checked before any memory is taken. Throws
   * `body_too_large`, `invalid_payload`.
   */
  unpack(body: Buffer): Buffer {
    const { length, at } = promisedLength(body);
    if (length > this.#bytesMax) {
      const message = `cannot accept the body: it unpacks to ${length} bytes; at most ${this.#bytesMax}`;
      throw new AppError('body_too_large', message, { details: { limit_bytes: this.#bytesMax } });
    }
    if (length > body.length * RATIO_MAX) throw notSnappy('its length is more than snappy can pack');
    const into = this.#roomFor(length + SLACK_BYTES);
    try {
      new SnappyBlock(body, at, { into, length }).unpack();
    } catch (cause) {
      throw notSnappy('it is not whole', cause);
    }
    return into.subarray(0, length);
  }

  #roomFor(bytes: number): Buffer {
    if (bytes <= this.#room.length) return this.#room;
    const room = Buffer.alloc(bytes);
    if (bytes <= KEPT_BYTES_MAX) this.#room = room;
    return room;
  }
}

function promisedLength(body: Buffer): { length: number; at: number } {
  let length = 0;
  for (let at = 0; at < HEADER_BYTES_MAX; at += 1) {
    const byte = body[at];
    if (byte === undefined) break;
    length += (byte & 127) * 128 ** at;
    if (byte < 128) return { length, at: at + 1 };
  }
  throw notSnappy('it has no length');
}

function notSnappy(why: string, cause?: unknown): AppError {
  const { message } = malformed(`it is not snappy in block format: ${why}`);
  return new AppError('invalid_payload', message, { cause });
}
