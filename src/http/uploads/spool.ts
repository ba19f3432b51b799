import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '../../lib/errors.ts';

/** An archive that has wholly arrived, on disk, to be read as often as needed. */
export interface Spooled extends AsyncDisposable {
  /** SHA-256 of its bytes. */
  readonly digest: Uint8Array;
  /** Its bytes from the first on. One reader at a time. */
  read(signal: AbortSignal): Readable;
}

export interface SpoolOptions {
  /** The system's temporary folder when not given. */
  readonly folder: string | undefined;
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

const OWNER_ONLY = 0o600;
const CHUNK_BYTES = 64 * 1_024;

/**
 * Keeps `source` in a file that has no name any more: whatever ends the process, nothing is left behind. Throws
 * `body_too_large` beyond `bytesMax`, and `store_full` where the disk is.
 */
export async function spool(
  source: AsyncIterable<Uint8Array>,
  { folder, bytesMax, signal }: SpoolOptions,
): Promise<Spooled> {
  const file = await openNameless(folder ?? tmpdir());
  try {
    const digest = await copy(source, file, { bytesMax, signal });
    return {
      digest,
      read: (readSignal) => Readable.from(chunksOf(file, readSignal), { objectMode: false }),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openNameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `kubetally-upload-${randomUUID()}`);
  const file = await open(path, 'wx+', OWNER_ONLY);
  await unlink(path);
  return file;
}

/** Not the handle's own stream: that one closes the file when it is destroyed, and there is no name to open it by again. */
async function* chunksOf(file: FileHandle, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    signal.throwIfAborted();
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

async function copy(
  source: AsyncIterable<Uint8Array>,
  file: FileHandle,
  { bytesMax, signal }: Pick<SpoolOptions, 'bytesMax' | 'signal'>,
): Promise<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of source) {
    signal.throwIfAborted();
    bytes += chunk.length;
    if (bytes > bytesMax) throw new AppError('body_too_large', `it has more than ${bytesMax} bytes`);
    hash.update(chunk);
    await file.write(chunk).catch((cause: unknown) => {
      throw new AppError('store_full', 'cannot keep the upload while it is read: the disk takes no more', { cause });
    });
  }
  return hash.digest();
}
