import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../lib/errors.ts';

const LOCK_NAME = 'owner.lock';
const ATTEMPTS_MAX = 20;

/**
 * Claims a folder for this process; returns what gives it back.
 *
 * PGlite would let two processes write one folder and destroy it. The lock is a file that names its owner by process id
 * and start time, so that a lock left by `kill -9` or a power cut is known to be dead, even when the number is in use
 * again. Throws `conflict` naming the owner while that lives. It does not see owners in another PID namespace: two
 * containers must not share a folder.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_NAME);
  const mine = `${process.pid} ${await startTime(process.pid)} ${crypto.randomUUID()}`;
  const draft = `${path}.${process.pid}.${crypto.randomUUID()}`;
  await writeFile(draft, mine, { flag: 'wx' });
  try {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      if (await tryLink(draft, path)) return () => giveBack(path, mine);
      await clearDead(path, folder);
    }
    throw new AppError('conflict', `cannot claim ${folder}: others keep claiming it`);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Linking is atomic and never replaces: of many claimants one wins, and the file is whole from the start. */
async function tryLink(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isMissing(error, 'EEXIST')) return false;
    throw error;
  }
}

async function clearDead(path: string, folder: string): Promise<void> {
  const owner = await readIfThere(path);
  if (owner === undefined) return;
  const pid = Number(owner.split(' ')[0]);
  if (await lives(pid, owner.split(' ')[1] ?? '')) {
    throw new AppError('conflict', `cannot open ${folder}: process ${pid} has it open`, { details: { pid } });
  }
  const aside = `${path}.dead.${crypto.randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isMissing(error, 'ENOENT')) return;
    throw error;
  }
  // Between our look and our rename another claimant may have put its own lock there: that one goes back.
  if ((await readIfThere(aside)) !== owner) await tryLink(aside, path);
  await rm(aside, { force: true });
}

async function giveBack(path: string, mine: string): Promise<void> {
  if ((await readIfThere(path)) === mine) await rm(path, { force: true });
}

async function lives(pid: number, started: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isMissing(error, 'EPERM'); // alive, but not ours
  }
  const now = await startTime(pid);
  return now === started || now === 'unknown' || started === 'unknown';
}

/** When a process started, in the kernel's ticks since boot; `unknown` where there is no /proc. */
async function startTime(pid: number): Promise<string> {
  const text = await readIfThere(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may hold anything; counting starts after it.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown';
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isMissing(error: unknown, code: 'ENOENT' | 'EEXIST' | 'EPERM'): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
