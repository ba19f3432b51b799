import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Access } from '../access/access.ts';
import { consolePrincipal } from '../access/principal.ts';
import { type Clock, DAY_MS, HOUR_MS, hourStart, MINUTE_MS } from '../lib/clock.ts';
import { createFleet, type Fleet } from '../sim/fleet.ts';
import { type DemoSource, demoPosts } from './demo-posts.ts';
import { feed, type Post } from './feed.ts';
import { type DemoPull, startUpstream } from './upstreams.ts';

/**
 * A fleet with known truth, on the real product: a server of its own, fed over HTTP with a week of the fleet's life, and
 * from then on live. Nothing here knows the ledger; what it shows comes out of the API.
 */
export interface DemoOptions {
  readonly source?: DemoSource | undefined;
  readonly days: number;
  readonly seed: number;
}

/** The fleet before there is a server, because a server has to know at its start whom to ask. */
export interface DemoStage {
  readonly fleet: Fleet;
  readonly source: DemoSource | undefined;
  /** The window that will be fed: whole hours. */
  readonly start: number;
  readonly end: number;
  /** What the server's `pulls` must hold. */
  readonly pulls: readonly DemoPull[];
  close(): Promise<void>;
}

export interface DemoRun {
  readonly clock: Clock;
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
/**
 * Of the hour in progress, and of what comes. An hour has one cadence: a gap that is long for the rest of it counts as an
 * outage (docs/decisions/0004), and what is known of the hour would shrink as it goes on.
 */
const LIVE_STEP_MS = 2.5 * MINUTE_MS;
const CONCURRENCY = 96;
const FRESH_WAIT_MS = 5 * MINUTE_MS;
const TENANT = 'default';

/** The fleet, and the API that it stands behind where its source is one that is asked. */
export async function setDemoStage({ source, days, seed }: DemoOptions, clock: Clock): Promise<DemoStage> {
  const end = hourStart(clock.now()) + HOUR_MS;
  // An hour more than asked: the page looks at the last full hours, and the one in progress is none.
  const start = end - days * DAY_MS - HOUR_MS;
  const fleet = createFleet({ preset: 'demo', seed, start });
  const upstream = await startUpstream(fleet, { source, days, stepMs: STEP_MS, clock });
  return {
    fleet,
    source,
    start,
    end,
    pulls: upstream ? [upstream.pull] : [],
    close: async () => upstream?.close(),
  };
}

/** Feeds `server` and resolves when all of it is in the answers. */
export async function runDemo(server: DemoServer, stage: DemoStage, run: DemoRun): Promise<DemoResult> {
  const { clock, signal, onProgress } = run;
  const { fleet, source, start, end } = stage;
  const { tenant, key: operator } = await server.access.tenants.initialise({ tenantName: TENANT });
  const by = consolePrincipal(tenant.id);
  const ingest = await server.access.keys.create(by, { name: 'demo sources', scopes: ['ingest'] });
  const key = `${ingest.keyId}:${ingest.secret}`;
  const readKey = `${operator.keyId}:${operator.secret}`;

  const now = clock.now();
  let reached = start;
  const posts = await feed(lifeUntil(now, stage), {
    url: server.url,
    key,
    concurrency: CONCURRENCY,
    signal,
    onAcknowledged({ at = start }) {
      reached = Math.max(reached, at);
      onProgress({ done: reached - start, total: now - start });
    },
  });
  const pulled = stage.pulls.length > 0;
  if (pulled) await covered({ url: server.url, key: readKey }, stage, { clock, signal, onProgress });
  await freshSince(server, { at: clock.now(), signal });
  onProgress({ done: 1, total: 1 });
  return {
    readKey,
    posts,
    start,
    end,
    async stayLive() {
      while (!signal.aborted) {
        const present = clock.now();
        const posts = demoPosts(fleet, { from: present, to: present + 1, stepMs: LIVE_STEP_MS, source });
        await feed(posts, { url: server.url, key, concurrency: CONCURRENCY, signal });
        await delay(LIVE_STEP_MS, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

async function* lifeUntil(now: number, { fleet, source, start }: DemoStage): AsyncGenerator<Post> {
  const open = hourStart(now);
  yield* demoPosts(fleet, { from: start, to: open + 1, stepMs: STEP_MS, source });
  yield* demoPosts(fleet, { from: open + LIVE_STEP_MS, to: now, stepMs: LIVE_STEP_MS, source });
}

const Coverage = z.object({ coverage: z.object({ hours_covered: z.number(), hours_asked: z.number() }) });

/** Waits until what is pulled covers the hours that are over. */
async function covered(
  { url, key }: { url: string; key: string },
  { start, end, fleet }: DemoStage,
  { clock, signal, onProgress }: DemoRun,
): Promise<void> {
  const over = new Date(Math.min(hourStart(clock.now()), end)).toISOString();
  const question = new URL(`/v1/costs/namespaces?start_time=${new Date(start).toISOString()}&end_time=${over}`, url);
  const wanted = ((Date.parse(over) - start) / HOUR_MS) * fleet.clusters.length;
  const giveUp = performance.now() + PULL_WAIT_MS;
  for (;;) {
    const answer = await fetch(question, { headers: { authorization: `ApiKey ${key}` }, signal });
    const { coverage } = Coverage.parse(await answer.json());
    onProgress({ done: coverage.hours_covered, total: wanted });
    if (coverage.hours_covered >= wanted * PULLED_ENOUGH) return;
    if (performance.now() > giveUp) throw new Error('the server did not catch up with what it was to pull');
    await delay(PULL_POLL_MS, undefined, { signal });
  }
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
const PULL_POLL_MS = 500;
const PULL_WAIT_MS = 15 * MINUTE_MS;
/** The very first samples of a fleet are a step after its start. */
const PULLED_ENOUGH = 0.995;
