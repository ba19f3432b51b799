import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../lib/errors.ts';
import { parseJsonBody } from '../../lib/json-body.ts';

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
 * `decompressedBytesMax`; unpacking runs off the main thread. What else is refused, `parseJsonBody` says.
 */
export function registerBody(app: FastifyInstance, { decompressedBytesMax }: { decompressedBytesMax: number }): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, async (request: FastifyRequest, wire: Buffer) => {
    const body = await plainBody(request, wire, decompressedBytesMax);
    return body.length === 0 ? undefined : parseJsonBody(body);
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
