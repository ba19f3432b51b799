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

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/;

/**
 * JSON bodies, plain or compressed. The wire's bytes are bounded by the server's body limit, what they unpack to by
 * `decompressedBytesMax`; unpacking runs off the main thread. A body with `__proto__` members is refused.
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
