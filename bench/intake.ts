/**
 * Posts of collectors and agents, from the bytes of their bodies to durable rows, against the engine's own insert of the
 * same rows as `JSONEachRow` in the same run. `node bench/run.ts intake`.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { SampleBatch } from '../src/core/samples.ts';
import { createIntake } from '../src/intake/group-commit.ts';
import type { Intake, IntakeTarget } from '../src/intake/intake.ts';
import { CONTAINER_COLUMNS } from '../src/intake/sample-columns.ts';
import { DAY_MS, SECOND_MS, systemClock } from '../src/lib/clock.ts';
import { createLogger } from '../src/lib/log.ts';
import { agentPost } from '../src/sim/agent-post.ts';
import { collectorPosts } from '../src/sim/collector-post.ts';
import { createFleet } from '../src/sim/fleet.ts';
import { parseAgentPost } from '../src/sources/agent/agent.ts';
import { parseCollectorPost } from '../src/sources/collector/collector.ts';
import { type ParsePost, SOURCE_LIMITS } from '../src/sources/source.ts';
import { type BenchEngine, openBenchEngine } from './support/engine.ts';
import { type Figure, figure, median, quantile, timed } from './support/figure.ts';

const CONTAINERS = 10_000;
const CLUSTERS = 4;
const INSTANTS = 20;
const INTERVAL_MS = 30 * SECOND_MS;
/** Requests under way at once: one of each node of a very large fleet. */
const CONCURRENCY = 4_000;
/** 2,000 nodes that post every 30 s each. */
const POSTS_PER_SECOND = 2_000 / 30;
const PACED_POSTS = 600;
/** Rows of one insert of the engine's own. */
const BASELINE_ROWS = 50_000;
const SINGLE_POSTS = 60;
const JSON_INSERT = `INSERT INTO container_samples (${CONTAINER_COLUMNS.map(({ name }) => name).join(', ')}) FORMAT JSONEachRow`;

interface Wire {
  readonly name: string;
  readonly parse: ParsePost;
  readonly bodies: readonly Buffer[];
}

/** What a run writes its rows to, and how. */
interface Run {
  readonly intake: Intake;
  readonly target: IntakeTarget;
  /** The newest instant of the posts. */
  readonly now: number;
}

export async function* benchIntake(): AsyncGenerator<Figure> {
  const engine = await openBenchEngine();
  const intake = createIntake({ columnar: engine.columnar, clock: systemClock, log: createLogger({ level: 'warn' }) });
  try {
    const now = systemClock.now();
    const { collector, agent } = fleetWires(now);
    const baseline = {
      name: 'engine_json_insert',
      value: await insertJson(engine, jsonRows(collector, now), BASELINE_ROWS),
    };
    const run = { intake, target: { tenant: randomUUID(), cluster: randomUUID() }, now };
    for (const wire of [collector, agent]) {
      const value = await flood(wire, run);
      yield figure(`intake_${wire.name}`, { value, unit: 'rows/s' }, baseline);
    }
    const alone = { name: 'engine_json_insert_of_one_post', value: median(await insertPosts(engine, collector, now)) };
    const acks = await pace(collector, run);
    yield figure('intake_ack_p50', { value: median(acks), unit: 'ms' }, alone);
    yield figure('intake_ack_p99', { value: quantile(acks, 0.99), unit: 'ms' }, alone);
  } finally {
    await intake.close();
    await engine.close();
  }
}

/** What collectors and agents of a fleet posted over the last minutes, as bytes. */
function fleetWires(now: number): { readonly collector: Wire; readonly agent: Wire } {
  const fleet = createFleet({
    preset: 'bench',
    containers: CONTAINERS,
    clusters: CLUSTERS,
    seed: 1,
    start: now - DAY_MS,
  });
  const instants = Array.from({ length: INSTANTS }, (_, i) => now - (i + 1) * INTERVAL_MS);
  const posts = instants.flatMap((at) => fleet.clusters.map(({ name: cluster }) => ({ cluster, at })));
  const collectors = posts.flatMap((post) => Array.from(collectorPosts(fleet, post), bytes));
  return {
    collector: { name: 'collector', parse: parseCollectorPost, bodies: collectors },
    agent: { name: 'agent', parse: parseAgentPost, bodies: posts.map((post) => bytes(agentPost(fleet, post))) },
  };
}

function bytes(body: unknown): Buffer {
  return Buffer.from(JSON.stringify(body));
}

function read({ parse }: Wire, body: Buffer, now: number): SampleBatch {
  const { batch, rejected } = parse(JSON.parse(body.toString()), { now, limits: SOURCE_LIMITS });
  if (rejected.length > 0) throw new Error(`a row was refused: ${JSON.stringify(rejected[0])}`);
  return batch;
}

/** Durable container rows per second where senders post as fast as they are answered. */
async function flood(wire: Wire, { intake, target, now }: Run): Promise<number> {
  let rows = 0;
  let next = 0;
  const startedAt = performance.now();
  const sender = async () => {
    for (let body = wire.bodies[next++]; body; body = wire.bodies[next++]) {
      await turn(); // a request of its own, as far as the event loop can tell
      const batch = read(wire, body, now);
      await intake.accept(target, batch);
      rows += batch.containers.length;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sender));
  return perSecond(rows, startedAt);
}

/** Milliseconds until each post was answered, where posts come at the pace of a large fleet. */
async function pace(wire: Wire, { intake, target, now }: Run): Promise<number[]> {
  const acks: Promise<number>[] = [];
  const startedAt = performance.now();
  for (const [index, body] of wire.bodies.slice(0, PACED_POSTS).entries()) {
    await delay(Math.max(0, startedAt + (index * SECOND_MS) / POSTS_PER_SECOND - performance.now()));
    const sentAt = performance.now();
    acks.push(intake.accept(target, read(wire, body, now)).then(() => performance.now() - sentAt));
  }
  return await Promise.all(acks);
}

/** The container rows of `wire`, as the engine reads them itself. */
function jsonRows(wire: Wire, now: number): string[] {
  const facts = { tenant: randomUUID(), cluster: randomUUID(), source: 'collector' } as const;
  return wire.bodies
    .flatMap((body) => read(wire, body, now).containers)
    .map((sample) =>
      JSON.stringify(Object.fromEntries(CONTAINER_COLUMNS.map(({ name, of }) => [name, of(sample, facts)]))),
    );
}

/** Rows per second of the engine alone, `rowsPerInsert` at a time. */
async function insertJson(engine: BenchEngine, rows: readonly string[], rowsPerInsert: number): Promise<number> {
  const bodies = chunked(rows, rowsPerInsert).map((chunk) => chunk.join('\n'));
  const startedAt = performance.now();
  for (const body of bodies) await engine.send(JSON_INSERT, body);
  return perSecond(rows.length, startedAt);
}

/** Milliseconds of each post inserted by itself, one after the other: what an answer costs where nothing is grouped. */
async function insertPosts(engine: BenchEngine, wire: Wire, now: number): Promise<number[]> {
  const taken: number[] = [];
  for (const body of wire.bodies.slice(0, SINGLE_POSTS)) {
    const rows = jsonRows({ ...wire, bodies: [body] }, now).join('\n');
    taken.push(await timed(() => engine.send(JSON_INSERT, rows)));
  }
  return taken;
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

function perSecond(rows: number, startedAt: number): number {
  return Math.round((rows * SECOND_MS) / (performance.now() - startedAt));
}
