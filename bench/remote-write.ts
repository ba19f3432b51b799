/**
 * Remote write: how fast a large cluster's stream is read, how fast it is durable, and how fast the built server takes it over
 * HTTP, against VictoriaMetrics fed the same bytes in the same run. `node bench/run.ts remote-write`.
 *
 * VictoriaMetrics answers when a body is in its memory, and writes it to disk within seconds; here an answer says that the
 * body survives `kill -9`.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uncompress } from 'snappy';
import { openAdministration } from '../src/app.ts';
import { ConfigSchema } from '../src/config/schema.ts';
import { createIntake } from '../src/intake/group-commit.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, systemClock } from '../src/lib/clock.ts';
import { createLogger } from '../src/lib/log.ts';
import { createKeepRule } from '../src/sources/remote-write/keep.ts';
import { createRemoteWrite, type ParseWrite } from '../src/sources/remote-write/remote-write.ts';
import { SOURCE_LIMITS } from '../src/sources/source.ts';
import { openBenchEngine } from './support/engine.ts';
import { type Figure, figure } from './support/figure.ts';
import { surroundings } from './support/ledger.ts';
import { processorSeconds } from './support/processor.ts';
import { startBenchServer } from './support/server.ts';
import { startVictoriaMetrics } from './support/victoria-metrics.ts';
import { type WriteStream, writeStream } from './support/write-stream.ts';

const CONTAINERS = 4_000;
const INTERVAL_MS = 30 * SECOND_MS;
const SCRAPES = 16;
/** Of what a cluster's Prometheus has, about one series in five is needed. */
const OTHERS = 4;
/** Requests under way at once: the shards of a busy Prometheus. */
const CONCURRENCY = 50;
const MIB = 2 ** 20;

export async function* benchRemoteWrite(): AsyncGenerator<Figure> {
  const now = systemClock.now();
  const common = { containers: CONTAINERS, intervalMs: INTERVAL_MS, now };
  const needed = writeStream({ ...common, scrapes: SCRAPES, othersPerSeries: 0 });
  yield* readStream(needed);
  yield* throughHttp('needed', needed);
  const mixed = writeStream({ ...common, scrapes: SCRAPES / OTHERS, othersPerSeries: OTHERS });
  yield* throughHttp('mixed', mixed);
}

/** In this process: bytes to points against unpacking them alone, bytes to durable points against the engine's own insert. */
async function* readStream(stream: WriteStream): AsyncGenerator<Figure> {
  const unpack = {
    name: 'snappy_alone',
    value: await perSecondOf(stream, async (body) => void (await uncompress(body))),
  };
  const parse = newParse();
  const read = (body: Buffer) => parse({ body, version: '1.0', owner: 'bench' }, context());
  const readAll = () => perSecondOf(stream, async (body) => (await read(body)).durable());
  const cold = await readAll();
  const warm = await readAll();
  yield figure('remote_write_read_first', { value: cold, unit: 'samples/s' }, unpack);
  yield figure('remote_write_read', { value: warm, unit: 'samples/s' }, unpack);

  const engine = await openBenchEngine();
  const intake = createIntake({ columnar: engine.columnar, clock: systemClock, log: createLogger({ level: 'warn' }) });
  const target = { tenant: randomUUID(), cluster: randomUUID() };
  try {
    const written = await perSecondOf(stream, async (body) => {
      const { clusters, durable } = await read(body);
      for (const { points } of clusters) {
        await intake.accept(target, { source: 'remote-write', containers: [], nodes: [], points });
      }
      durable();
    });
    yield figure('remote_write_durable', { value: written, unit: 'samples/s' }, { name: 'read_alone', value: warm });
  } finally {
    await intake.close();
    await engine.close();
  }
}

const context = () => ({ now: systemClock.now(), limits: SOURCE_LIMITS });

function newParse(): ParseWrite {
  const { keep, clusterLabels, replicaLabels } = ConfigSchema.parse({}).remoteWrite;
  const unpackedBytesMax = 64 * MIB;
  return createRemoteWrite({ keep: createKeepRule(keep), clusterLabels, replicaLabels, unpackedBytesMax });
}

/** One server after the other, so that neither has the other's processor. */
async function* throughHttp(name: string, stream: WriteStream): AsyncGenerator<Figure> {
  const peer = await toVictoriaMetrics(stream);
  const own = await toServer(stream);
  const against = (of: (taken: Taken) => number) =>
    peer ? { name: 'victoria_metrics', value: of(peer) } : { name: 'nothing_installed', value: Number.NaN };
  const title = `remote_write_http_${name}`;
  yield figure(
    title,
    { value: own.rate, unit: 'samples/s' },
    against(({ rate }) => rate),
  );
  yield figure(
    `${title}_processor`,
    { value: own.processor, unit: 'µs/sample' },
    against(({ processor }) => processor),
  );
  yield figure(
    `${title}_memory`,
    { value: own.memoryMib, unit: 'MiB' },
    against(({ memoryMib }) => memoryMib),
  );
}

interface Taken {
  readonly rate: number;
  /** Microseconds of processor time for each sample. */
  readonly processor: number;
  /** The most that was held, the engine's included. */
  readonly memoryMib: number;
}

async function toVictoriaMetrics(stream: WriteStream): Promise<Taken | undefined> {
  const peer = await startVictoriaMetrics();
  if (!peer) return undefined;
  try {
    return await send(stream, { url: `${peer.url}/api/v1/write`, pid: peer.pid, memory: () => peer.memory() });
  } finally {
    await peer.close();
  }
}

async function toServer(stream: WriteStream): Promise<Taken> {
  const dataDir = await mkdtemp(join(tmpdir(), 'kubetally-bench-'));
  const administration = await openAdministration(ConfigSchema.parse({ dataDir }), surroundings);
  const { key } = await administration.tenants.initialise({ tenantName: 'default' });
  await administration.close();
  // The rollup has a bench of its own; here it would be measured too, and the peer has none.
  const server = await startBenchServer(dataDir, { KUBETALLY_ROLLUP_INTERVAL_MS: String(HOUR_MS) });
  try {
    const memory = () => server.memory().server + server.memory().engine;
    return await send(stream, {
      url: `${server.url}/api/v1/write`,
      key: `${key.keyId}:${key.secret}`,
      pid: server.pid,
      memory,
    });
  } finally {
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Receiver {
  readonly url: string;
  readonly key?: string;
  readonly pid: number;
  readonly memory: () => number;
}

async function send(stream: WriteStream, { url, key, pid, memory }: Receiver): Promise<Taken> {
  let most = 0;
  const before = processorSeconds(pid);
  const watch = setInterval(() => (most = Math.max(most, memory())), SECOND_MS / 2);
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  try {
    const perSecond = await perSecondOf(stream, async (body) => {
      const signal = AbortSignal.timeout(MINUTE_MS);
      const reply = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body), signal });
      if (reply.status !== 204) throw new Error(`${reply.status}: ${await reply.text()}`);
    });
    const processor = ((processorSeconds(pid) - before) * 1e6) / stream.samples;
    return { rate: perSecond, processor, memoryMib: Math.max(most, memory()) / MIB };
  } finally {
    clearInterval(watch);
  }
}

/** Samples per second where so many requests are always under way. */
async function perSecondOf({ bodies, samples }: WriteStream, each: (body: Buffer) => Promise<void>): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  const sender = async () => {
    for (let body = bodies[next++]; body; body = bodies[next++]) await each(body);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sender));
  return Math.round((samples * SECOND_MS) / (performance.now() - startedAt));
}
