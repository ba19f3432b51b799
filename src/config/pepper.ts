import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../lib/errors.ts';
import type { Config } from './schema.ts';

const PEPPER_FILE = 'pepper';
const PEPPER_BYTES = 32;

/**
 * The secret that API keys are hashed with: the configured one, else the one in the data folder, made at the first start
 * (mode 0600) and never changed. Of two processes that make one at once, both get the same.
 *
 * @throws AppError `store_unavailable` when the data folder cannot be read or written, or the file is empty.
 */
export async function openPepper({ keys, dataDir }: Pick<Config, 'keys' | 'dataDir'>): Promise<string> {
  if (keys.pepper) return keys.pepper.reveal();
  const file = join(dataDir, PEPPER_FILE);
  try {
    return (await read(file)) ?? (await make(dataDir, file));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('store_unavailable', `cannot open the pepper ${file}`, { cause: error });
  }
}

async function read(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (text?.trim() === '') {
    throw new AppError('store_unavailable', `the pepper ${file} is empty: restore it from a backup`);
  }
  return text?.trim();
}

/** Written whole and synced under another name first: a crash leaves either no pepper or a good one. */
async function make(folder: string, file: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const text = randomBytes(PEPPER_BYTES).toString('base64url');
  try {
    await write(draft, text);
    await link(draft, file);
    return text;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    return (await read(file)) ?? text;
  } finally {
    await rm(draft, { force: true });
    await syncFolder(folder);
  }
}

async function write(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
