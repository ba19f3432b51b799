import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { ChildMessage, ParentMessage, StartMessage } from './messages.ts';

export interface LaunchedEngine {
  readonly port: number;
  readonly version: string;
  readonly pid: number | undefined;
  /** Resolves with how it ended: `signal SIGKILL`, `exit code 1`. Never rejects. */
  readonly ended: Promise<string>;
  /** Asks it to end, and makes it end when it does not. */
  stop(): Promise<void>;
}

const START_MS = 60_000;
const STOP_MS = 8_000;
const OUTPUT_CHARACTERS_MAX = 4_000;
/** Statements, inserts and streams each hold a thread of the pool while the engine works; some are left for files. */
const SPARE_THREADS = 4;

/** One life of the child process; resolves when it serves, throws `store_unavailable` when it cannot. */
export async function launch({ start, log }: { start: StartMessage; log: Logger }): Promise<LaunchedEngine> {
  const child = fork(mainFile(), [], {
    env: { TZ: 'UTC', UV_THREADPOOL_SIZE: String(2 * start.limits.concurrencyMax + SPARE_THREADS) },
    execArgv: ['--max-old-space-size=192', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = collect(child, log);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    child.once('error', (error) => resolve(error.message));
  });
  try {
    const { port, version } = await ready(child, start, ended);
    return { port, version, pid: child.pid, ended, stop: () => stop(child, ended) };
  } catch (cause) {
    child.kill('SIGKILL');
    const reason = cause instanceof Error ? cause.message : String(cause);
    const words = `the columnar engine does not start in ${start.dataDir}: ${reason} ${output()}`.trim();
    throw new AppError('store_unavailable', words, { cause });
  }
}

/** The sources run unbuilt, and built as well. */
function mainFile(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./child/main.${extension}`, import.meta.url));
}

function ready(
  child: ChildProcess,
  start: StartMessage,
  ended: Promise<string>,
): Promise<Extract<ChildMessage, { type: 'ready' }>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${START_MS} ms`)), START_MS);
    void ended.then((how) => reject(new Error(`it ended with ${how}`))).finally(() => clearTimeout(timer));
    child.once('message', (message: ChildMessage) => {
      clearTimeout(timer);
      if (message.type === 'ready') resolve(message);
      else reject(new Error(message.reason));
    });
    send(child, start);
  });
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  send(child, { type: 'stop' });
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

function send(child: ChildProcess, message: ParentMessage): void {
  if (child.connected) child.send(message, () => undefined); // a channel that broke is a child that ended: `ended` tells
}

/** What the engine writes goes to our log; the end of it is kept for the reason of a failed start. */
function collect(child: ChildProcess, log: Logger): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      const words = chunk.toString().trim();
      text = `${text}\n${words}`.slice(-OUTPUT_CHARACTERS_MAX);
      if (words !== '') log.debug({ words: words.slice(0, OUTPUT_CHARACTERS_MAX) }, 'the columnar engine says');
    });
  }
  return () => text.trim();
}
