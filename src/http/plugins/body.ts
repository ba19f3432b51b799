import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../lib/errors.ts';

type Inflate = (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

const INFLATE: Readonly<Record<string, Inflate>> = {
  gzip: promisify(zlib.gunzip),
  'x-gzip': promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  br: promisify(zlib.brotliDecompress),
};

/** More than the largest post that any source takes has; each value costs a parser memory and time, and packs to nothing. */
export const VALUES_MAX = 4_000_000;

/** Deeper than any source nests; a parser pays for each level in memory and time, and a level packs to nothing. */
export const DEPTH_MAX = 64;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/;

/**
 * JSON bodies, plain or compressed. The wire's bytes are bounded by the server's body limit, what they unpack to by
 * `decompressedBytesMax`; unpacking runs off the main thread. A body with `__proto__` members, or nested deeper than
 * `DEPTH_MAX`, or with more values than `VALUES_MAX`, is refused.
 */
export function registerBody(app: FastifyInstance, { decompressedBytesMax }: { decompressedBytesMax: number }): void {
  const jsonParser = app.getDefaultJsonParser('error', 'error');
  const parseJson = (request: FastifyRequest, text: string) =>
    new Promise<unknown>((resolve, reject) => {
      void jsonParser(request, text, (error, body) => (error ? reject(error) : resolve(body)));
    });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, async (request: FastifyRequest, wire: Buffer) => {
    const body = await plainBody(request, wire, decompressedBytesMax);
    if (!isUtf8(body)) throw new AppError('invalid_payload', 'cannot read the body: it is not UTF-8');
    const excess = excessOf(body);
    if (excess !== undefined) throw new AppError('invalid_payload', `cannot read the body: it ${excess}`);
    return body.length === 0 ? undefined : parseJson(request, body.toString('utf8'));
  });
}

async function plainBody(request: FastifyRequest, wire: Buffer, bytesMax: number): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return wire;
  const inflate = Object.hasOwn(INFLATE, encoding) ? INFLATE[encoding] : undefined;
  if (!inflate) {
    const known = Object.keys(INFLATE).join(', ');
    throw new AppError('unsupported_media_type', `cannot read this Content-Encoding; known are ${known}`);
  }
  try {
    return await inflate(wire, { maxOutputLength: bytesMax });
  } catch (cause) {
    if (cause instanceof RangeError) {
      const message = `cannot accept the body: it unpacks to more than ${bytesMax} bytes`;
      throw new AppError('body_too_large', message, { details: { limit_bytes: bytesMax }, cause });
    }
    throw new AppError('invalid_payload', `cannot unpack the body: it is not whole or not ${encoding}`, { cause });
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}` differ in this bit alone. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** What of JSON text is more than a parser should be given: lists and objects within each other, or values in all. */
function excessOf(json: Uint8Array): string | undefined {
  let depth = 0;
  let values = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if ((byte | BRACE_BIT) === CLOSING) depth -= 1;
    else if ((byte | BRACE_BIT) === OPENING) {
      depth += 1;
      values += 1;
      if (depth > DEPTH_MAX) return `nests deeper than ${DEPTH_MAX} levels`;
    } else if (byte === COMMA) values += 1;
    if (values > VALUES_MAX) return `has more than ${VALUES_MAX} values`;
  }
  return undefined;
}
