import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The built server as a process of its own, on a data folder, as it is run in production. */
export interface BenchServer {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the first answer of `/readyz` that says so. */
  readonly readyMs: number;
  /** Resident memory, bytes. */
  memory(): ServerMemory;
  close(): Promise<void>;
}

export interface ServerMemory {
  readonly server: number;
  readonly engine: number;
}

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const ADDRESS = /answers on (\S+)/;
const POLL_MS = 10;
const READY_MS_MAX = 60_000;
const KIB = 1_024;

/** With these settings from the environment beside its usual ones. Throws where nothing was built. */
export async function startBenchServer(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<BenchServer> {
  if (!existsSync(PROGRAM)) throw new Error('there is no dist/main.js: make build');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--data', dataDir], {
    env: {
      PATH: process.env['PATH'],
      KUBETALLY_HTTP_HOST: '127.0.0.1',
      KUBETALLY_HTTP_PORT: '0',
      KUBETALLY_LOG_LEVEL: 'error',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  try {
    const url = await addressOf(child);
    await ready(url);
    const readyMs = performance.now() - startedAt;
    return {
      url,
      pid: child.pid ?? 0,
      readyMs,
      memory: () => memoryOf(child.pid ?? 0),
      close: () => stop(child, ended),
    };
  } catch (error) {
    await stop(child, ended);
    throw error;
  }
}

async function addressOf({ stderr }: ChildProcess): Promise<string> {
  if (!stderr) throw new Error('the server has no output to read its address from');
  const said: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    const address = ADDRESS.exec(line)?.[1];
    if (address !== undefined) {
      stderr.resume();
      return address;
    }
    said.push(line);
  }
  throw new Error(`the server ended before it answered: ${said.join('\n')}`);
}

async function ready(url: string): Promise<void> {
  const giveUpAt = performance.now() + READY_MS_MAX;
  while (performance.now() < giveUpAt) {
    const reply = await fetch(new URL('/readyz', url));
    await reply.arrayBuffer();
    if (reply.ok) return;
    await delay(POLL_MS);
  }
  throw new Error('the server did not become ready');
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  await ended;
}

/** The engine is the server's only child. */
function memoryOf(pid: number): ServerMemory {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' });
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const residentOf = (matches: (id: number, parent: number) => boolean) =>
    rows.reduce((sum, [id = 0, parent = 0, kib = 0]) => (matches(id, parent) ? sum + kib * KIB : sum), 0);
  return { server: residentOf((id) => id === pid), engine: residentOf((_, parent) => parent === pid) };
}
