import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineException, exception } from './exception.ts';

/** A statement is no longer than this; only the data of an insert may be. */
export const STATEMENT_BYTES_MAX = 1 << 20;

export interface Body {
  /** The first bytes: the whole request, or more than any statement may have. */
  readonly head: Buffer;
  readonly complete: boolean;
  readonly rest: AsyncIterator<Buffer>;
}

/** Reads far enough to hold any statement. */
export async function readHead(bytes: AsyncIterable<Buffer>): Promise<Body> {
  const rest = bytes[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let size = 0;
  while (size <= STATEMENT_BYTES_MAX) {
    const { value, done } = await nextChunk(rest);
    if (done) return { head: Buffer.concat(chunks), complete: true, rest };
    chunks.push(value);
    size += value.length;
  }
  return { head: Buffer.concat(chunks), complete: false, rest };
}

async function nextChunk(rest: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
  try {
    return await rest.next();
  } catch (cause) {
    if (cause instanceof EngineException) throw cause;
    const words = cause instanceof Error ? cause.message : 'the connection ended';
    throw exception('badArguments', `Cannot read the request body: ${words.slice(0, 200)}`);
  }
}

/**
 * Puts the data of an insert into a file of the spool, at most `bytesMax`, for as long as `use` runs.
 *
 * The engine is given the file as `/dev/fd/…`: it takes `*`, `?` and braces in a path for a pattern, and a pattern that
 * matches nothing for no data, so the data folder's own name must not be part of it.
 */
export async function spooled<T>(
  { body, from, folder, bytesMax }: { body: Body; from: number; folder: string; bytesMax: number },
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(folder, `${randomUUID()}.data`);
  try {
    await pipeline(Readable.from(dataOf(body, from, bytesMax)), createWriteStream(path, { mode: 0o600 }));
    const file = await open(path, 'r');
    try {
      return await use(`/dev/fd/${file.fd}`);
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}

async function* dataOf({ head, complete, rest }: Body, from: number, bytesMax: number): AsyncGenerator<Buffer> {
  let size = 0;
  for (let chunk = head.subarray(from); ; ) {
    size += chunk.length;
    if (size > bytesMax) throw exception('tooManyBytes', `The data of an insert has at most ${bytesMax} bytes`, 413);
    if (chunk.length > 0) yield chunk;
    if (complete) return;
    const next = await nextChunk(rest);
    if (next.done) return;
    chunk = next.value;
  }
}
