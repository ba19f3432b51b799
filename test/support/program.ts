import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigInput } from '../../src/config/schema.ts';
import { waitFor } from './wait-for.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const START_MS = 60_000;

/** The program itself, `serve`d from a folder in a process of its own. */
export interface Program {
  readonly url: string;
  /** Nothing is told to the program: as in a power cut. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>;
}

export interface ProgramSettings {
  readonly dataDir: string;
  readonly port: number;
}

/** Resolves when the program is ready; throws with its output when it does not become so. */
export async function startProgram({ dataDir, port }: ProgramSettings): Promise<Program> {
  const config: ConfigInput = {
    dataDir,
    http: { host: '127.0.0.1', port, rateLimit: { perKeyPerMinute: 10_000_000, burst: 1_000_000 } },
    intake: { groupDelayMs: 20 },
    rollup: { intervalMs: 100 },
    log: { level: 'warn' },
  };
  const file = join(dataDir, 'kubetally.yml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  const child = spawn(process.execPath, [MAIN, 'serve', '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = outputOf(child);
  const gone = once(child, 'exit');
  // A test run that is ended in the middle leaves nothing behind.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  void gone.then(() => process.off('exit', end));
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitFor(() => isReady(url, child), { timeoutMs: START_MS, what: 'the start of the program' });
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`the program did not start: ${output()}`, { cause: error });
  }
  const endBy = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await gone;
  };
  return { url, kill: () => endBy('SIGKILL'), stop: () => endBy('SIGTERM') };
}

/** A port that is free now. The program must come back under the address that its senders know. */
export async function freeTestPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}

async function isReady(url: string, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
  const response = await fetch(`${url}/readyz`).catch(() => undefined);
  return response?.ok === true;
}

function outputOf(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-10_000);
    });
  }
  return () => text;
}
