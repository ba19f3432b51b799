import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askEngine } from '../../test/support/ask-engine.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../lib/log.ts';
import { createClickHouse } from '../store/columnar/clickhouse.ts';
import { encodeNative } from '../store/columnar/native-block.ts';
import { type Engine, startEngine } from './engine.ts';

const log = createLogger({ level: 'silent' });
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kubetally-life-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));

const CREATE = {
  sql: 'CREATE TABLE IF NOT EXISTS acks (n Int64) ENGINE = MergeTree ORDER BY n SETTINGS fsync_after_insert = 1',
};
const block = (n: number) => encodeNative([{ name: 'n', type: 'Int64', values: [n] }], 1);
const client = (engine: Engine) =>
  createClickHouse({ url: engine.url, user: engine.user, password: engine.password, database: 'default' });

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('an engine killed while it is written to comes back under its address, and every answered insert is there', async () => {
  const engine = await startEngine({ dataDir, log });
  const columnar = client(engine);
  await columnar.command(CREATE);
  const { url, password, pid = 0 } = engine;
  const acknowledged: number[] = [];
  const failures: unknown[] = [];
  const enough = new AbortController();
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let n = writer; !enough.signal.aborted; n += 4) {
      await columnar.insertNative('acks', block(n)).then(
        () => acknowledged.push(n),
        async (error: unknown) => {
          failures.push(error);
          await new Promise((resolve) => setTimeout(resolve, 5));
        },
      );
    }
  });
  for (let kill = 1; kill <= 3; kill += 1) {
    const before = acknowledged.length;
    await waitFor(() => acknowledged.length > before + 20, { what: 'inserts' });
    const startedAt = performance.now();
    process.kill(engine.pid ?? 0, 'SIGKILL');
    await waitFor(() => engine.restarts === kill && engine.state === 'ready', { what: 'a restart' });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  }
  enough.abort();
  await Promise.all(writers);
  expect([engine.url, engine.password, alive(pid)]).toEqual([url, password, false]);
  expect(failures.length).toBeGreaterThan(0);
  for (const failure of failures) expect(failure).toMatchObject({ code: 'store_unavailable', retry: true });
  const kept = await columnar.rows<{ n: string }>({ sql: 'SELECT DISTINCT n FROM acks' });
  const there = new Set(kept.map(({ n }) => Number(n)));
  expect(acknowledged.filter((n) => !there.has(n))).toEqual([]);
  await columnar.close();
  await engine.close();
});

test('the engine ends with its parent, even when that is killed, and the next start has the folder at once', async () => {
  const program = `
    import { startEngine } from ${JSON.stringify(new URL('./engine.ts', import.meta.url).href)};
    import { createLogger } from ${JSON.stringify(new URL('../lib/log.ts', import.meta.url).href)};
    const engine = await startEngine({ dataDir: process.argv[1], log: createLogger({ level: 'silent' }) });
    process.stdout.write(JSON.stringify({ url: engine.url, user: engine.user, password: engine.password, pid: engine.pid }) + '\\n');
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line]: string[] = await once(createInterface(parent.stdout), 'line');
  const child: { url: string; user: string; password: string; pid: number } = JSON.parse(line ?? '');
  await askEngine(child, { query: CREATE.sql });
  await askEngine(child, { query: 'INSERT INTO acks VALUES (42)' });
  const busy = askEngine(child, { query: 'SELECT sum(sipHash64(number)) FROM numbers(100000000000)' }).catch(
    () => undefined,
  );
  await waitFor(async () => (await askEngine(child, { query: 'SELECT count() FROM system.processes' })).text !== '1\n');

  parent.kill('SIGKILL');
  const engine = await startEngine({ dataDir, log });
  expect((await askEngine(engine, { query: 'SELECT n FROM acks' })).text).toBe('42\n');
  await waitFor(() => !alive(child.pid), { timeoutMs: 2_000, what: 'the end of the child' });
  await busy;
  await engine.close();
});

test('close lets what runs end, ends the child, and may be called again', async () => {
  const engine = await startEngine({ dataDir, log });
  const { pid = 0 } = engine;
  const running = askEngine(engine, { query: 'SELECT sleep(1)' });
  await waitFor(
    async () => (await askEngine(engine, { query: 'SELECT count() FROM system.processes' })).text !== '1\n',
  );
  await engine.close();
  expect((await running).text).toBe('0\n');
  expect([engine.state, alive(pid)]).toEqual(['closed', false]);
  await engine.close();
});

test('close in the middle of a restart leaves nothing behind', async () => {
  const engine = await startEngine({ dataDir, log });
  process.kill(engine.pid ?? 0, 'SIGKILL');
  await waitFor(() => engine.state === 'restarting');
  await engine.close();
  const next = await startEngine({ dataDir, log }); // the folder is free
  await next.close();
});

test('an engine that cannot start says so with the folder and the reason', async () => {
  await writeFile(join(dataDir, 'file'), '');
  const failure = await startEngine({ dataDir: join(dataDir, 'file'), log }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AppError);
  expect(failure).toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(/life-.*file.*(ENOTDIR|EEXIST)/),
  });

  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const listenPort = typeof address === 'object' && address ? address.port : 0;
  await expect(startEngine({ dataDir, listenPort, log })).rejects.toMatchObject({
    message: expect.stringContaining('EADDRINUSE'),
  });
  taken.close();
});
