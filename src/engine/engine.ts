/**
 * The embedded ClickHouse endpoint: chDB in a child process behind the ClickHouse HTTP interface on loopback.
 *
 * Guarantees: the address, the user and the password stay the same for the life of the handle; when the child dies it is
 * started again on the same folder, and meanwhile clients are refused a connection; the child ends when this process
 * does, however it ends.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Logger } from '../lib/log.ts';
import { type LaunchedEngine, launch } from './launch.ts';
import type { EngineLimits, EngineUser } from './messages.ts';

export type { EngineLimits } from './messages.ts';
export type EngineState = 'starting' | 'ready' | 'restarting' | 'closed';

export interface EngineOptions {
  /** A folder that this engine alone owns; made where it does not exist. */
  readonly dataDir: string;
  /** Port on 127.0.0.1; 0, the default, takes a free one. */
  readonly listenPort?: number;
  /** Turns on the read-only user `dashboard`. */
  readonly dashboardPassword?: string | undefined;
  readonly limits?: Partial<EngineLimits>;
  readonly log: Logger;
}

export interface Engine {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The engine's ClickHouse version. */
  readonly version: string;
  readonly pid: number | undefined;
  readonly state: EngineState;
  /** How often the child was started again. */
  readonly restarts: number;
  /** Lets what runs end (five seconds at most), and ends the child. */
  close(): Promise<void>;
}

const MIB = 2 ** 20;
const DEFAULT_LIMITS: EngineLimits = {
  memoryBytesMax: 1024 * MIB,
  queryMemoryBytesMax: 768 * MIB,
  queryTimeoutMs: 120_000,
  concurrencyMax: 4,
  waitingMax: 64,
  waitMs: 10_000,
  insertBytesMax: 1024 * MIB,
  resultBytesMax: 4096 * MIB,
};
const BACKOFF_FIRST_MS = 20;
const BACKOFF_MAX_MS = 2_000;
/** A child that lived this long was not broken from the start: the next restart is quick again. */
const STEADY_MS = 10_000;

/** Starts the engine; resolves when it answers. Throws `store_unavailable` when it does not come up. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const supervisor = new Supervisor(options);
  await supervisor.start();
  return supervisor;
}

class Supervisor implements Engine {
  readonly user = 'kubetally';
  readonly password = randomBytes(32).toString('base64url');
  readonly #options: EngineOptions;
  readonly #limits: EngineLimits;
  #child: LaunchedEngine | undefined;
  #port: number;
  #state: EngineState = 'starting';
  #restarts = 0;
  #backoffMs = BACKOFF_FIRST_MS;
  #restarting: Promise<void> | undefined;
  readonly #closed = new AbortController();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#port = options.listenPort ?? 0;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const most = Math.floor(limits.memoryBytesMax * 0.75);
    this.#limits = { ...limits, queryMemoryBytesMax: Math.min(limits.queryMemoryBytesMax, most) };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get version(): string {
    return this.#child?.version ?? '';
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get state(): EngineState {
    return this.#state;
  }

  get restarts(): number {
    return this.#restarts;
  }

  async start(): Promise<void> {
    const startedAt = performance.now();
    const child = await launch({
      log: this.#options.log,
      start: {
        type: 'start',
        dataDir: resolve(this.#options.dataDir),
        port: this.#port,
        users: this.#users(),
        limits: this.#limits,
      },
    });
    this.#child = child;
    this.#port = child.port;
    if (this.#closed.signal.aborted) return child.stop();
    this.#state = 'ready';
    void this.#watch(child, startedAt);
  }

  async #watch(child: LaunchedEngine, startedAt: number): Promise<void> {
    const how = await child.ended;
    if (performance.now() - startedAt > STEADY_MS) this.#backoffMs = BACKOFF_FIRST_MS;
    if (this.#child === child) this.#restarting = this.#restart(how);
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#closed.abort();
    const child = this.#child;
    this.#child = undefined;
    await child?.stop();
    await this.#restarting;
  }

  #users(): EngineUser[] {
    const { dashboardPassword } = this.#options;
    const owner = { name: this.user, password: this.password, readOnly: false };
    return dashboardPassword === undefined
      ? [owner]
      : [owner, { name: 'dashboard', password: dashboardPassword, readOnly: true }];
  }

  async #restart(how: string): Promise<void> {
    this.#child = undefined;
    this.#options.log.error({ how }, 'the columnar engine ended; starting it again');
    while (!this.#closed.signal.aborted) {
      this.#state = 'restarting';
      await pause(this.#backoffMs, this.#closed.signal);
      this.#backoffMs = Math.min(this.#backoffMs * 2, BACKOFF_MAX_MS);
      if (this.#closed.signal.aborted) return;
      try {
        this.#restarts += 1;
        await this.start();
        return;
      } catch (error) {
        this.#options.log.error({ error }, 'the columnar engine does not start');
      }
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        done();
      },
      { once: true },
    );
  });
}
