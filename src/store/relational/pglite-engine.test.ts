import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite-engine.ts';
import { createTenants } from './tenants.ts';

const WRITER = fileURLToPath(new URL('../../../test/support/pglite-writer.ts', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubetally-pglite-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('what was acknowledged survives kill -9, and a living owner keeps others out', async () => {
  const writer = fork(WRITER, [folder], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  let text = '';
  writer.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await vi.waitFor(() => expect(text.split('\n').length).toBeGreaterThan(50), { timeout: 60_000 });
  const opening = openPglite({ folder });
  await expect(opening).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(`${writer.pid}`) });
  writer.kill('SIGKILL');
  await once(writer, 'close');

  const acknowledged = text.split('\n').slice(0, -1);
  const relational = await openPglite({ folder });
  expect(await migrate(relational)).toEqual([]);
  const kept = new Set((await createTenants(relational.db).list({ limit: 1_000_000 })).map((it) => it.id));
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  await relational.close();
});

test('a folder that was closed opens again', async () => {
  const first = await openPglite({ folder });
  await first.close();
  await first.close();
  const second = await openPglite({ folder });
  expect(await second.ping()).toBe(true);
  await second.close();
  expect(await second.ping()).toBe(false);
});

test('who waits inside a transaction for the connection that it holds itself is told, not kept for ever', async () => {
  const relational = await openPglite({ folder: 'memory', waitMs: 50 });
  const waiting = relational.transaction(() => sql`select 1`.execute(relational.db));
  await expect(waiting).rejects.toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('50 ms') });
  expect(await relational.ping()).toBe(true);
  await relational.close();
});
