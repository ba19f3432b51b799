import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Access } from '../access/access.ts';
import { consolePrincipal } from '../access/principal.ts';
import { type Clock, DAY_MS, HOUR_MS, hourStart, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { createFleet } from '../sim/fleet.ts';
import { type DemoSource, demoPosts } from './demo-posts.ts';
import { feed } from './feed.ts';

/**
 * A fleet with known truth, on the real product: a server of its own, fed over HTTP with a week of the fleet's life, and
 * from then on live. Nothing here knows the ledger; what it shows comes out of the API.
 */
export interface DemoOptions {
  readonly source?: DemoSource | undefined;
  readonly days: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { done: number; total: number }) => void;
}

/** The part of a running server that the demo needs beside its address. */
export interface DemoServer {
  readonly url: string;
  readonly access: Access;
  freshAsOf(): number | null;
}

export interface DemoResult {
  /** May read and administer; for the page and for reports. */
  readonly readKey: string;
  readonly posts: number;
  /** The window that was fed: whole hours. */
  readonly start: number;
  readonly end: number;
  /** Goes on feeding the present until the signal is aborted. */
  stayLive(): Promise<void>;
}

/** As seldom as the K8s cost agent posts by default. */
const STEP_MS = 10 * MINUTE_MS;
const LIVE_STEP_MS = 30 * SECOND_MS;
const CONCURRENCY = 96;
const FRESH_WAIT_MS = 5 * MINUTE_MS;
const TENANT = 'default';

/** Feeds `server` and resolves when all of it is in the answers. */
export async function runDemo(server: DemoServer, options: DemoOptions & { clock: Clock }): Promise<DemoResult> {
  const { clock, signal, source } = options;
  const { tenant, key: operator } = await server.access.tenants.initialise({ tenantName: TENANT });
  const by = consolePrincipal(tenant.id);
  const ingest = await server.access.keys.create(by, { name: 'demo sources', scopes: ['ingest'] });
  const end = hourStart(clock.now()) + HOUR_MS;
  // An hour more than asked: the page looks at the last full hours, and the one in progress is none.
  const start = end - options.days * DAY_MS - HOUR_MS;
  const fleet = createFleet({ preset: 'demo', seed: options.seed, start });
  const key = `${ingest.keyId}:${ingest.secret}`;

  const stretch = { from: start, to: clock.now(), stepMs: STEP_MS, source };
  const total = countOf(demoPosts(fleet, stretch));
  const posts = await feed(demoPosts(fleet, stretch), {
    url: server.url,
    key,
    concurrency: CONCURRENCY,
    signal,
    onAcknowledged: (done) => options.onProgress({ done, total }),
  });
  await freshSince(server, { at: clock.now(), signal });
  return {
    readKey: `${operator.keyId}:${operator.secret}`,
    posts,
    start,
    end,
    async stayLive() {
      while (!signal.aborted) {
        await delay(LIVE_STEP_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        const now = clock.now();
        const present = demoPosts(fleet, { from: now, to: now + 1, stepMs: LIVE_STEP_MS, source });
        await feed(present, { url: server.url, key, concurrency: CONCURRENCY, signal });
      }
    },
  };
}

/** A folder of the demo's own, gone when it is closed. */
export async function temporaryFolder(): Promise<{ path: string; close(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'kubetally-demo-'));
  return { path, close: () => rm(path, { recursive: true, force: true }) };
}

/** `first`, or the next port after it that nothing listens on; 0 where there is none. */
export async function freePort(host: string, first: number): Promise<number> {
  for (let port = first; port < Math.min(first + PORTS_TRIED, PORT_MAX); port += 1) {
    if (await isFree(host, port)) return port;
  }
  return 0;
}

const PORTS_TRIED = 100;
const PORT_MAX = 65_536;

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

async function freshSince(server: DemoServer, { at, signal }: { at: number; signal: AbortSignal }): Promise<void> {
  const giveUp = performance.now() + FRESH_WAIT_MS;
  while ((server.freshAsOf() ?? 0) < at) {
    if (performance.now() > giveUp) throw new Error('the ledger did not catch up with what was fed');
    await delay(POLL_MS, undefined, { signal });
  }
}

const POLL_MS = 100;

function countOf(items: Iterable<unknown>): number {
  let count = 0;
  for (const _ of items) count += 1;
  return count;
}
