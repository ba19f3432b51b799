import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startCourier } from '../src/collector/courier.ts';
import { createHttpClient } from '../src/collector/http-client.ts';
import { pack, recordOf } from '../src/collector/parcel.ts';
import { createPostMaker } from '../src/collector/post.ts';
import { openSpool } from '../src/collector/spool.ts';
import { readSummary } from '../src/collector/summary.ts';
import { createTelemetry } from '../src/collector/telemetry.ts';
import { SECOND_MS, systemClock } from '../src/lib/clock.ts';
import { createLogger } from '../src/lib/log.ts';
import { type BusyNode, busySummary, startBusyNode } from './support/busy-node.ts';
import { type Figure, figure } from './support/figure.ts';

/** More than twice what Kubernetes supports on a node, with two containers each. */
const PODS = 250;
const CONTAINERS_PER_POD = 2;
const RECORDS = 2_000;
const APPENDS_AT_ONCE = 64;
const READINGS = 20;
const RSS_BYTES_MAX = 80e6;
const BODY_BYTES_MAX = 2 ** 20;
const KIB = 1_024;
const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export async function* benchCollector(): AsyncGenerator<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'kubetally-bench-collector-'));
  const node = await startBusyNode(folder, PODS);
  try {
    yield* benchSpool(folder, node);
    yield* benchMemory(folder, node);
  } finally {
    node.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Container samples per second to disk, durable, and from there to a server that answers at once. */
async function* benchSpool(folder: string, node: BusyNode): AsyncGenerator<Figure> {
  const reading = readSummary(JSON.parse(JSON.stringify(busySummary(PODS))));
  const nobody = { node: null, hostname: 'bench', cluster: null, instanceId: null, facts: null };
  const text = JSON.stringify(createPostMaker()(reading, nobody, systemClock.now()));
  const record = recordOf({ kind: 'collector', body: await pack(text) });
  yield figure('collector_record', { value: record.length, unit: 'bytes' }, { name: 'its_json', value: text.length });

  const spool = await openSpool(join(folder, 'spool'), { bytesMax: 2 ** 30, waitingBytesMax: 2 ** 28 });
  let left = RECORDS;
  const writing = await perSecond(() =>
    inParallel(APPENDS_AT_ONCE, async () => {
      while (left-- > 0) await spool.append(record);
    }),
  );
  const target = { name: 'needed_by_2000_nodes_every_30_s', value: (2_000 / 30) * PODS * CONTAINERS_PER_POD };
  yield figure('spool_append', { value: writing, unit: 'samples/s' }, target);

  const client = createHttpClient({ timeoutMs: 10_000, answerBytesMax: BODY_BYTES_MAX, connectionsMax: 8 });
  const telemetry = createTelemetry();
  const url = new URL('/metrics', node.serverUrl);
  const sending = await perSecond(async () => {
    const courier = startCourier({
      spool,
      client,
      destination: { urlOf: () => url, headers: {} },
      telemetry,
      clock: systemClock,
      log: createLogger({ level: 'warn' }),
      limits: { inFlightMax: 8 },
    });
    while (spool.state.records > 0) await delay(1);
    await courier.stop();
  });
  yield figure('spool_deliver', { value: sending, unit: 'samples/s' }, target);
  client.close();
  await spool.close();
}

async function perSecond(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (RECORDS * PODS * CONTAINERS_PER_POD * SECOND_MS) / (performance.now() - startedAt);
}

async function inParallel(count: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, work));
}

/** Resident memory of the built program as it is run on a node. */
async function* benchMemory(folder: string, node: BusyNode): AsyncGenerator<Figure> {
  if (!existsSync(PROGRAM)) throw new Error('there is no dist/main.js: make build');
  const child = spawn(process.execPath, [PROGRAM, 'collect', '--data', folder], {
    env: {
      PATH: process.env['PATH'],
      PUSH_ENDPOINT: `${node.serverUrl}/metrics`,
      SCRAPE_INTERVAL: '1',
      KUBETALLY_COLLECT_KUBELET_URL: node.kubeletUrl,
      KUBETALLY_COLLECT_KUBELET_INSECURE: 'true',
      KUBETALLY_COLLECT_NODE_FACTS: 'false',
      KUBETALLY_COLLECT_INSTANCE_METADATA: 'false',
      KUBETALLY_COLLECT_HOST: '127.0.0.1',
      KUBETALLY_COLLECT_PORT: '0',
      KUBETALLY_LOG_LEVEL: 'error',
    },
    stdio: 'ignore',
  });
  const gone = once(child, 'exit');
  try {
    const wanted = node.posts + READINGS;
    while (node.posts < wanted && child.exitCode === null) await delay(100);
    const limit = { name: 'limit', value: RSS_BYTES_MAX };
    yield figure('collector_rss', { value: memoryOf(child, 'VmRSS'), unit: 'bytes' }, limit);
    yield figure('collector_rss_peak', { value: memoryOf(child, 'VmHWM'), unit: 'bytes' }, limit);
  } finally {
    child.kill('SIGTERM');
    await gone;
  }
}

function memoryOf({ pid }: ChildProcess, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * KIB;
}
