import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTestPort } from '../../test/support/program.ts';
import { waitFor } from '../../test/support/wait-for.ts';

/** VictoriaMetrics, single node, as Debian has it, on a folder of its own. */
export interface BenchVictoriaMetrics {
  readonly url: string;
  readonly pid: number;
  /** Resident memory, bytes. */
  memory(): number;
  close(): Promise<void>;
}

const PROGRAM = '/usr/bin/victoria-metrics';
const KIB = 1_024;

/** `undefined` where it is not installed. */
export async function startVictoriaMetrics(): Promise<BenchVictoriaMetrics | undefined> {
  if (!existsSync(PROGRAM)) {
    console.error('no victoria-metrics to hold this against (apt-get install victoria-metrics)');
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'kubetally-bench-vm-'));
  const address = `127.0.0.1:${await freeTestPort()}`;
  const settings = [`-storageDataPath=${folder}`, `-httpListenAddr=${address}`, '-loggerLevel=ERROR'];
  const child = spawn(PROGRAM, settings, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const url = `http://${address}`;
  await waitFor(() =>
    fetch(`${url}/health`).then(
      (reply) => reply.ok,
      () => false,
    ),
  );
  return {
    url,
    pid: child.pid ?? 0,
    memory: () => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) * KIB,
    async close() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
