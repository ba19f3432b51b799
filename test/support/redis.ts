import { access, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startTethered, type Tethered } from './tethered.ts';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  end(): Promise<void>;
}

const PLACES = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'];
const READY_MS = 20_000;

/** The server's program; `undefined` when there is none. */
export async function findRedis(): Promise<string | undefined> {
  const there = await Promise.all(
    PLACES.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  const found = PLACES.find((_, index) => there[index]);
  if (found !== undefined) return found;
  process.stderr.write('SKIPPED: no redis-server (apt-get install redis-server)\n');
  return undefined;
}

/** A Redis server of this test file's own, keeping nothing. Give `port` to start one where another was. */
export async function startRedis(program: string, port?: number): Promise<TestRedis> {
  const listenPort = port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'kubetally-redis-'));
  const settings = [
    '--port',
    String(listenPort),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ];
  const server = startTethered([program, ...settings], { folder, signal: 'TERM' });
  const url = `redis://127.0.0.1:${listenPort}`;
  await ready(server, url);
  return { url, port: listenPort, end: () => server.end() };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port to be had');
  return address.port;
}

async function ready(server: Tethered, url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  const client = new Redis(url, {
    retryStrategy: () => (Date.now() < deadline ? 25 : null),
    maxRetriesPerRequest: null,
  });
  client.on('error', () => {});
  try {
    await client.ping();
  } catch (error) {
    await server.end();
    throw new Error(`Redis did not start: ${server.output()}`, { cause: error });
  } finally {
    client.disconnect();
  }
}
