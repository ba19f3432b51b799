import { addAbortSignal, Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { MINUTE_MS } from '../lib/clock.ts';
import { jsonChunks, type Lazily } from '../lib/json-text.ts';

/** Longest time that a caller may take to read an answer; then it is cut off. */
const READING_MS_MAX = 10 * MINUTE_MS;

type Chunks = Iterable<string | Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * An answer that is written while it is sent, no faster than the caller reads it; one who leaves ends the work. What can fail
 * must be done before: an answer that has begun can only break off.
 */
export class Streamed<T> {
  /** Called once for each sending. */
  readonly chunks: () => Chunks;
  readonly mediaType: string;
  /** The answer that the contract describes; `null` for another format of it. */
  readonly value: Lazily<T> | null;

  private constructor(chunks: () => Chunks, mediaType: string, value: Lazily<T> | null) {
    this.chunks = chunks;
    this.mediaType = mediaType;
    this.value = value;
  }

  static json<T>(value: Lazily<T>): Streamed<T> {
    return new Streamed(() => jsonChunks(value), 'application/json; charset=utf-8', value);
  }

  /** In another format than the one that the contract describes. */
  static as(mediaType: string, chunks: () => Chunks): Streamed<never> {
    return new Streamed<never>(chunks, mediaType, null);
  }
}

/** The caller has this answer already: 304, without a body. */
export class NotModified {
  readonly status = 304;
}

/** Sends a streamed answer, checked first with `schema` where one is given. */
export function sendStreamed<T>(
  answer: Streamed<T> | NotModified,
  reply: FastifyReply,
  schema: z.ZodType | undefined,
): FastifyReply {
  if (answer instanceof NotModified) return reply.code(answer.status).send();
  if (schema !== undefined && answer.value !== null) schema.parse(JSON.parse([...jsonChunks(answer.value)].join('')));
  const stream = Readable.from(answer.chunks(), { objectMode: false });
  return reply.type(answer.mediaType).send(addAbortSignal(AbortSignal.timeout(READING_MS_MAX), stream));
}
