/**
 * The engine's own process: it owns one data folder and serves the ClickHouse HTTP interface on loopback.
 *
 * It lives exactly as long as its parent. The channel between them breaks however the parent ends, and then this process
 * ends at once: acknowledged inserts are on disk already, and whoever starts next must not wait for the folder.
 */
import type { Server } from 'node:http';
import type { ChildMessage, ParentMessage, StartMessage } from '../messages.ts';
import { type Database, openDatabase } from './database.ts';
import { createRunner, type Runner } from './runner.ts';
import { createEngineServer } from './server.ts';

const LOCK_WAIT_MS = 20_000;
const DRAIN_MS = 5_000;
const PARENT_CHECK_MS = 500;

interface Running {
  readonly database: Database;
  readonly runner: Runner;
  readonly server: Server;
}

const parent = process.ppid;
let running: Running | undefined;

process.on('disconnect', end);
setInterval(() => {
  if (process.ppid !== parent) end();
}, PARENT_CHECK_MS);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined); // a terminal signals the whole group; when to stop is the parent's to say
}
process.on('message', (message: ParentMessage) => {
  if (message.type === 'start') void start(message).catch(failed);
  else void stop().finally(end);
});

async function start({ dataDir, port, users, limits }: StartMessage): Promise<void> {
  const database = await openDatabase(dataDir, limits, LOCK_WAIT_MS);
  const runner = createRunner(database, limits);
  const server = createEngineServer(runner, users, limits);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  running = { database, runner, server };
  const address = server.address();
  const taken = typeof address === 'object' && address ? address.port : port;
  tell({ type: 'ready', port: taken, version: await versionOf(database) });
}

async function versionOf(database: Database): Promise<string> {
  const options = { database: 'default', settings: new Map<string, string>(), readOnly: true };
  const { bytes } = await database.inSession(options, (session) => session.query('SELECT version()', 'TSV'));
  return Buffer.from(bytes).toString().trim();
}

/** What runs may end, for a while; then the folder is closed in order. */
async function stop(): Promise<void> {
  if (!running) return;
  running.server.close();
  running.server.closeIdleConnections();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN_MS);
  });
  const drained = await Promise.race([running.runner.drained().then(() => true), late.then(() => false)]);
  clearTimeout(timer);
  if (drained) running.database.close();
}

function failed(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  process.send?.({ type: 'failed', reason } satisfies ChildMessage, end);
}

function tell(message: ChildMessage): void {
  process.send?.(message);
}

/** No exit handlers: the engine's own would wait for statements that still run. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
