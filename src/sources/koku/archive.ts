/**
 * The members of a tar.gz, one after the other, as streams and under limits. Nothing is ever written under a name that an
 * archive gives, and nothing is unpacked ahead of whoever reads it.
 */
import { Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { createTarDecoder, type TarHeader } from 'modern-tar';
import { AppError } from '../../lib/errors.ts';
import { MEMBERS_MAX, RATIO_FREE_BYTES, RATIO_MAX } from './limits.ts';
import { isPlainName } from './manifest.ts';

export interface Member {
  readonly name: string;
  /** To be read, as far as is wanted, before the next member is asked for. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ArchiveLimits {
  readonly unpackedBytesMax: number;
}

/** What macOS adds for each file. */
const APPLE_DOUBLE = '._';
const SHOWN_CHARS_MAX = 100;

/**
 * Throws `invalid_payload` where the bytes are no gzip or no tar, end too early, or a member is not a plain file with a plain
 * name of its own; `body_too_large` where they unpack to too much; `limit_exceeded` for too many members.
 */
export async function* readMembers(packed: Readable, limits: ArchiveLimits): AsyncGenerator<Member> {
  const gunzip = createGunzip();
  const guarded = unpackedGuard(gunzip, limits);
  packed.on('error', (error) => gunzip.destroy(error));
  gunzip.on('error', (error) => guarded.destroy(unreadable(error)));
  packed.pipe(gunzip).pipe(guarded);
  try {
    yield* membersOf(guarded);
  } catch (error) {
    throw error instanceof AppError ? error : unreadable(error);
  } finally {
    for (const stream of [packed, gunzip, guarded]) stream.destroy();
  }
}

async function* membersOf(tar: Readable): AsyncGenerator<Member> {
  const names = new Set<string>();
  let count = 0;
  const decoder = createTarDecoder({ strict: true });
  for await (const { header, body } of Readable.toWeb(tar).pipeThrough(decoder)) {
    count += 1;
    if (count > MEMBERS_MAX) throw new AppError('limit_exceeded', `it has more than ${MEMBERS_MAX} members`);
    const name = plainNameOf(header);
    if (name !== null && names.has(name)) {
      throw new AppError('invalid_payload', `it has two members called "${shown(name)}"`);
    }
    if (name !== null) {
      names.add(name);
      yield { name, body: { [Symbol.asyncIterator]: () => body.values({ preventCancel: true }) } };
    }
    await drain(body);
  }
}

/**
 * Reads what nobody has read. A body is never cancelled: the decoder is ahead by then, and would take it for the next one,
 * whose end would never come.
 */
async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  while (!(await reader.read()).done);
}

/** `null` for what is left out without a word: macOS's shadows, and the folder that `tar c .` begins with. */
function plainNameOf({ name: given, type = 'file' }: TarHeader): string | null {
  const name = given.replace(/^(?:\.\/)+/, '');
  if (type === 'directory' && (name === '' || name === '.')) return null;
  if (type !== 'file') throw new AppError('invalid_payload', `its member "${shown(given)}" is a ${type}, not a file`);
  if (name.slice(name.lastIndexOf('/') + 1).startsWith(APPLE_DOUBLE)) return null;
  if (isPlainName(name)) return name;
  throw new AppError('invalid_payload', `its member "${shown(given)}" is not a plain file name`);
}

function unpackedGuard(gunzip: ReturnType<typeof createGunzip>, { unpackedBytesMax }: ArchiveLimits): Transform {
  let unpacked = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      unpacked += chunk.length;
      if (unpacked > unpackedBytesMax) done(tooLarge(`it unpacks to more than ${unpackedBytesMax} bytes`));
      else if (unpacked > RATIO_FREE_BYTES && unpacked > RATIO_MAX * gunzip.bytesWritten) {
        done(tooLarge(`it unpacks to more than ${RATIO_MAX} times its size`));
      } else done(null, chunk);
    },
  });
}

function tooLarge(message: string): AppError {
  return new AppError('body_too_large', message);
}

/** Codes of zlib, and what the tar reader says: neither names anything but the archive itself. */
function unreadable(cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : 'it cannot be read';
  return new AppError('invalid_payload', reason.slice(0, SHOWN_CHARS_MAX), { cause });
}

function shown(name: string): string {
  return name.slice(0, SHOWN_CHARS_MAX).replaceAll(/[\p{Cc}\p{Cs}]/gu, '?');
}
