/**
 * The built server on 90 days of 10,000 containers: how long it takes to be ready, and what memory it and its engine hold
 * while 10,000 pods report every 30 seconds and their hour is computed again and again. `node bench/run.ts start`.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '../src/client/client.ts';
import { namespaceCosts } from '../src/contracts/cost-routes.ts';
import { feed, type Post } from '../src/demo/feed.ts';
import { DAY_MS, hourStart, MINUTE_MS, SECOND_MS, systemClock } from '../src/lib/clock.ts';
import { agentPost } from '../src/sim/agent-post.ts';
import { collectorPosts } from '../src/sim/collector-post.ts';
import { createFleet, type Fleet } from '../src/sim/fleet.ts';
import { openBenchEngine } from './support/engine.ts';
import { type Figure, figure, median, timed } from './support/figure.ts';
import type { BenchLab } from './support/lab.ts';
import { CONTAINERS } from './support/ledger.ts';
import { type BenchServer, type ServerMemory, startBenchServer } from './support/server.ts';

const STARTS = 5;
const INTERVAL_MS = 30 * SECOND_MS;
const ROUNDS = 4;
/** What was reported before the watch begins, so that the open hour is no small one. */
const BACKLOG_MS = 20 * MINUTE_MS;
const CONCURRENCY = 96;
const WATCH_MS = 500;
/** Times that each window is asked for. */
const ASKED = 8;
const MIB = 2 ** 20;

export async function* benchStart(lab: BenchLab): AsyncGenerator<Figure> {
  const { dataDir, key, clusters } = await lab.ledger();
  const engineAlone: number[] = [];
  const readies: number[] = [];
  for (let i = 0; i < STARTS; i += 1) {
    engineAlone.push(await timed(async () => (await openBenchEngine(join(dataDir, 'columnar'))).close()));
    const server = await startBenchServer(dataDir);
    readies.push(server.readyMs);
    await server.close();
  }
  const alone = { name: 'engine_open_and_close', value: median(engineAlone) };
  yield figure('start_ready', { value: median(readies), unit: 'ms' }, alone);

  const server = await startBenchServer(dataDir);
  try {
    const fleet = createFleet({
      preset: 'bench',
      containers: CONTAINERS,
      clusters: clusters.length,
      seed: 1,
      start: systemClock.now() - DAY_MS,
    });
    yield* memory(server, { fleet, key });
  } finally {
    await server.close();
  }
}

interface Senders {
  readonly fleet: Fleet;
  readonly key: string;
}

async function* memory(server: BenchServer, senders: Senders): AsyncGenerator<Figure> {
  const idle = server.memory();
  const ingesting = await watched(server, async () => {
    await backlog(server, senders);
    await rounds(server, senders);
  });
  yield* both('ingesting', ingesting, { name: 'idle', memory: idle });
  const short = await watched(server, () => ask(server, senders, 7));
  const long = await watched(server, () => ask(server, senders, 90));
  yield* both('asked_90d', long, { name: 'asked_7d', memory: short });
}

function* both(name: string, { server, engine }: ServerMemory, against: { name: string; memory: ServerMemory }) {
  const { server: ofServer, engine: ofEngine } = against.memory;
  yield figure(`memory_server_${name}`, mib(server), { name: `memory_server_${against.name}`, value: ofServer / MIB });
  yield figure(`memory_engine_${name}`, mib(engine), { name: `memory_engine_${against.name}`, value: ofEngine / MIB });
}

function mib(bytes: number): { value: number; unit: string } {
  return { value: bytes / MIB, unit: 'MiB' };
}

/** Agents catch up: the last minutes of every cluster, as fast as it is taken. */
async function backlog(server: BenchServer, { fleet, key }: Senders): Promise<void> {
  const now = systemClock.now();
  const from = Math.max(hourStart(now), now - BACKLOG_MS);
  const posts = function* (): Generator<Post> {
    for (let at = from; at < now; at += INTERVAL_MS) {
      for (const { name: cluster } of fleet.clusters) {
        yield { path: '/v1/ingest', body: agentPost(fleet, { cluster, at }) };
      }
    }
  };
  await feed(posts(), { url: server.url, key, concurrency: 4, signal: AbortSignal.timeout(10 * MINUTE_MS) });
}

/** Every node's collector posts once a round, all of them at once; then nothing until the next round. */
async function rounds(server: BenchServer, { fleet, key }: Senders): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const at = systemClock.now();
    const posts = function* (): Generator<Post> {
      for (const { name: cluster } of fleet.clusters) {
        for (const body of collectorPosts(fleet, { cluster, at, jitterMs: 0 })) yield { path: '/metrics', body };
      }
    };
    await feed(posts(), { url: server.url, key, concurrency: CONCURRENCY, signal: AbortSignal.timeout(5 * MINUTE_MS) });
    await delay(Math.max(0, at + INTERVAL_MS - systemClock.now()));
  }
}

async function ask({ url }: BenchServer, { key }: Senders, days: number): Promise<void> {
  const client = createClient({ url, key });
  const end = systemClock.now();
  const query = { start_time: new Date(end - days * DAY_MS).toISOString(), end_time: new Date(end).toISOString() };
  for (let i = 0; i < ASKED; i += 1) await client.call(namespaceCosts, { query });
}

/** The most memory that was seen while `work` went on. */
async function watched(server: BenchServer, work: () => Promise<void>): Promise<ServerMemory> {
  let peak = server.memory();
  const look = () => {
    const { server: own, engine } = server.memory();
    peak = { server: Math.max(peak.server, own), engine: Math.max(peak.engine, engine) };
  };
  const watch = setInterval(look, WATCH_MS);
  try {
    await work();
    look();
    return peak;
  } finally {
    clearInterval(watch);
  }
}
