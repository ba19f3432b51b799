import { execFile } from 'node:child_process';
import { chown, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { startTethered, type Tethered } from './tethered.ts';

export interface TestPostgres {
  /** The URL of a fresh, empty database. */
  database(): Promise<string>;
  end(): Promise<void>;
}

const run = promisify(execFile);
const DEBIAN_ROOT = '/usr/lib/postgresql';
const READY_MS = 30_000;

/** Where PostgreSQL's own programs are, the newest version first; `undefined` when there are none. */
export async function findPostgres(): Promise<string | undefined> {
  const versions = await readdir(DEBIAN_ROOT).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => b - a)[0];
  if (newest !== undefined) return join(DEBIAN_ROOT, String(newest), 'bin');
  process.stderr.write(`SKIPPED: no PostgreSQL in ${DEBIAN_ROOT} (apt-get install postgresql)\n`);
  return undefined;
}

/** A PostgreSQL server of this test file's own, on a socket in a folder of its own: no port can be taken. */
export async function startPostgres(bin: string): Promise<TestPostgres> {
  const user = await unprivilegedUser();
  const folder = await mkdtemp(join(tmpdir(), 'kubetally-pg-'));
  if (user) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--no-instructions'],
    {
      cwd: folder,
      ...user,
    },
  );
  const fast = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'shared_buffers=16MB',
    'max_connections=60',
  ];
  const settings = [`unix_socket_directories=${folder}`, 'listen_addresses=', ...fast].flatMap((it) => ['-c', it]);
  const server = startTethered([join(bin, 'postgres'), '-D', data, ...settings], { folder, signal: 'QUIT', user });
  await ready(server, folder);
  let databases = 0;
  return {
    async database() {
      databases += 1;
      const name = `test_${databases}`;
      await withClient(folder, (client) => client.query(`create database ${name}`));
      return url(folder, name);
    },
    end: () => server.end(),
  };
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((it) => it.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}

async function ready(server: Tethered, folder: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    try {
      return await withClient(folder, async () => {});
    } catch (error) {
      if (server.ended() || Date.now() > deadline) {
        await server.end();
        throw new Error(`PostgreSQL did not start: ${server.output()}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

async function withClient<T>(folder: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url(folder, 'postgres') });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function url(folder: string, database: string): string {
  return `postgres://test@/${database}?host=${encodeURIComponent(folder)}`;
}
