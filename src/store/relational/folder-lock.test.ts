import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from './folder-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubetally-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const claimAtOnce = async (claimants: number) => {
  const outcomes = await Promise.allSettled(Array.from({ length: claimants }, () => lockFolder(folder)));
  for (const it of outcomes) {
    if (it.status === 'rejected') expect(it.reason).toMatchObject({ code: 'conflict' });
  }
  return outcomes.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
};

test('of many who claim a folder at once one gets it, and what was given back is free', async () => {
  for (let round = 0; round < 3; round += 1) {
    const [release, ...more] = await claimAtOnce(20);
    expect(more).toEqual([]);
    await release?.();
  }
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ['a process that is gone', '4194304 1 x'],
  ['another process that has the number now', `${process.pid} 1 x`],
  ['nobody we can read', 'garbage'],
])('a lock left by %s is taken over', async (_, left) => {
  await writeFile(join(folder, 'owner.lock'), left);
  const release = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'conflict', details: { pid: process.pid } });
  await release();
});
