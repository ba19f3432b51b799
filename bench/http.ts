/**
 * What senders wait for, through HTTP and on the built server: until a post is acknowledged where 2,000 nodes post every
 * 30 seconds, and from there until the answers hold it. `node bench/run.ts http`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '../src/client/client.ts';
import { namespaceCosts } from '../src/contracts/cost-routes.ts';
import { feed } from '../src/demo/feed.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, systemClock } from '../src/lib/clock.ts';
import { type Figure, figure, median, quantile, timed } from './support/figure.ts';
import type { BenchLab } from './support/lab.ts';
import { type BenchServer, startBenchServer } from './support/server.ts';

const NODES = 2_000;
const INTERVAL_MS = 30 * SECOND_MS;
const PODS_PER_NODE = 5;
const ROUNDS = 2;
const FRESH_TURNS = 7;
const POLL_MS = 50;

interface Sender {
  readonly server: BenchServer;
  readonly key: string;
}

export async function* benchHttp(lab: BenchLab): AsyncGenerator<Figure> {
  const { dataDir, key } = await lab.ledger();
  const server = await startBenchServer(dataDir);
  try {
    const sender = { server, key };
    const acks = await pacedPosts(sender);
    const [p50, p99] = [median(acks), quantile(acks, 0.99)];
    const alone = await lonePosts(sender);
    yield figure('http_ack_p50', { value: p50, unit: 'ms' }, { name: 'http_ack_of_a_lone_post', value: median(alone) });
    yield figure('http_ack_p99', { value: p99, unit: 'ms' }, { name: 'http_ack_p50', value: p50 });
    const fresh = await freshness(sender);
    yield figure('fresh_after_ack_p50', { value: median(fresh), unit: 'ms' }, { name: 'http_ack_p50', value: p50 });
    yield figure(
      'fresh_after_ack_max',
      { value: Math.max(...fresh), unit: 'ms' },
      { name: 'http_ack_p50', value: p50 },
    );
  } finally {
    await server.close();
  }
}

/** Milliseconds to each acknowledgement, posts spread evenly over the interval. */
async function pacedPosts(sender: Sender): Promise<number[]> {
  const startedAt = performance.now();
  const acks: Promise<number>[] = [];
  for (let i = 0; i < NODES * ROUNDS; i += 1) {
    await delay(Math.max(0, startedAt + (i * INTERVAL_MS) / NODES - performance.now()));
    acks.push(timed(() => post(sender, { node: `node-${i % NODES}`, namespace: `team-${i % 40}` })));
  }
  return await Promise.all(acks);
}

async function lonePosts(sender: Sender): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    taken.push(await timed(() => post(sender, { node: 'node-alone', namespace: 'team-alone' })));
  }
  return taken;
}

/** Milliseconds from the acknowledgement of a namespace's first sample until that namespace is in an answer. */
async function freshness(sender: Sender): Promise<number[]> {
  const client = createClient({ url: sender.server.url, key: sender.key });
  const taken: number[] = [];
  for (let turn = 0; turn < FRESH_TURNS; turn += 1) {
    const namespace = `fresh-${turn}`;
    await post(sender, { node: 'node-0', namespace });
    taken.push(
      await timed(async () => {
        const giveUpAt = performance.now() + MINUTE_MS;
        while (performance.now() < giveUpAt && !(await isAnswered(client, namespace))) await delay(POLL_MS);
      }),
    );
  }
  return taken;
}

async function isAnswered(client: ReturnType<typeof createClient>, namespace: string): Promise<boolean> {
  const now = systemClock.now();
  const query = {
    start_time: new Date(now - HOUR_MS).toISOString(),
    end_time: new Date(now + HOUR_MS).toISOString(),
    limit: 1_000,
  };
  const { costs } = await client.call(namespaceCosts, { query });
  return costs.some((row) => row.namespace === namespace);
}

async function post({ server, key }: Sender, { node, namespace }: { node: string; namespace: string }): Promise<void> {
  const pods = Array.from({ length: PODS_PER_NODE }, (_, i) => ({
    pod_id: `${node}-${namespace}-${i}`,
    namespace,
    name: `pod-${node}-${i}`,
    cpu_usage_cores: 0.25,
    memory_usage_bytes: 2 ** 28,
  }));
  const body = {
    timestamp: new Date(systemClock.now()).toISOString(),
    node_name: node,
    hostname: node,
    cluster_name: 'posting',
    pods,
  };
  const signal = AbortSignal.timeout(MINUTE_MS);
  await feed([{ path: '/metrics', body }], { url: server.url, key, concurrency: 1, signal });
}
