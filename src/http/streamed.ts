import { addAbortSignal, Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { MINUTE_MS } from '../lib/clock.ts';
import { jsonChunks, type Late, type Lazily, lateJsonChunks } from '../lib/json-text.ts';

/** Longest time that a caller may take to read an answer; then it is cut off. */
const READING_MS_MAX = 10 * MINUTE_MS;

type Chunks = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/**
 * An answer that is written while it is sent, no faster than the caller reads it; one who leaves ends the work. What can fail
 * should be done before: an answer that has begun can only break off, and then its connection does, so that nobody takes a part
 * of it for the whole.
 */
export class Streamed<T> {
  /** Called once. */
  readonly chunks: () => Chunks;
  readonly mediaType: string;
  /** The answer that the contract describes; `null` for another format of it. */
  readonly value: Late<T> | null;

  private constructor(chunks: () => Chunks, mediaType: string, value: Late<T> | null) {
    this.chunks = chunks;
    this.mediaType = mediaType;
    this.value = value;
  }

  static json<T>(value: Lazily<T>): Streamed<T> {
    return new Streamed<T>(() => jsonChunks(value), JSON_MEDIA_TYPE, value);
  }

  /** Of which parts are found while others are sent. */
  static late<T>(value: Late<T>): Streamed<T> {
    return new Streamed<T>(() => lateJsonChunks(value), JSON_MEDIA_TYPE, value);
  }

  /** In another format than the one that the contract describes. */
  static as(mediaType: string, chunks: () => Chunks): Streamed<never> {
    return new Streamed<never>(chunks, mediaType, null);
  }
}

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

/** The caller has this answer already: 304, without a body. */
export class NotModified {
  readonly status = 304;
}

/** Sends a streamed answer; where a schema is given, all of it is made and checked before. */
export async function sendStreamed<T>(
  answer: Streamed<T> | NotModified,
  reply: FastifyReply,
  schema: z.ZodType | undefined,
): Promise<FastifyReply> {
  if (answer instanceof NotModified) return reply.code(answer.status).send();
  const isChecked = schema !== undefined && answer.value !== null;
  const chunks = isChecked ? await checked(answer.chunks(), schema) : answer.chunks();
  const stream = Readable.from(chunks, { objectMode: false });
  return reply.type(answer.mediaType).send(addAbortSignal(AbortSignal.timeout(READING_MS_MAX), stream));
}

async function checked(chunks: Chunks, schema: z.ZodType): Promise<(string | Uint8Array)[]> {
  const known: (string | Uint8Array)[] = [];
  for await (const chunk of chunks) known.push(chunk);
  schema.parse(JSON.parse(known.join('')));
  return known;
}
