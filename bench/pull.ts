/**
 * Half an hour of a large cluster from a query API, from the first byte to durable points, against downloading the same
 * answers and throwing them away. The upstream answers at once, from memory: what is measured is ours.
 * `node bench/run.ts pull`.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { createIntake } from '../src/intake/group-commit.ts';
import type { Intake } from '../src/intake/intake.ts';
import { storeAhead } from '../src/jobs/store-ahead.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, systemClock } from '../src/lib/clock.ts';
import { createLogger } from '../src/lib/log.ts';
import { createFleet } from '../src/sim/fleet.ts';
import { startPrometheusApi } from '../src/sim/prometheus-api.ts';
import { createPrometheusPull } from '../src/sources/prometheus/prometheus.ts';
import { openBenchEngine } from './support/engine.ts';
import { type Figure, figure, median, timed } from './support/figure.ts';

const CONTAINERS = 2_000;
const START = systemClock.now() - 2 * HOUR_MS;
const WINDOW = { from: START + 30 * MINUTE_MS, to: START + HOUR_MS };
const STEP_MS = 30 * SECOND_MS;
const TURNS = 3;
const MIB = 2 ** 20;
const SAMPLE_EVERY_MS = 20;

/** The answer to each question, by the question. */
type Answers = ReadonlyMap<string, Buffer>;

export async function* benchPull(): AsyncGenerator<Figure> {
  const answers = await record();
  const { server, url } = await serve(async (req) => answers.get(await questionOf(req)));
  const engine = await openBenchEngine();
  const log = createLogger({ level: 'warn' });
  const intake = createIntake({ columnar: engine.columnar, clock: systemClock, log });
  try {
    const points = await pull(url); // once, so that all is warm
    const taken = { durable: new Array<number>(), read: new Array<number>(), download: new Array<number>() };
    let peak = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      const durable = await withPeak(() => timed(() => pull(url, intake)));
      peak = Math.max(peak, durable.bytes);
      taken.durable.push(durable.result);
      taken.read.push(await timed(() => pull(url)));
      taken.download.push(await timed(() => download(url, answers)));
    }
    const perSecond = (ms: readonly number[]) => (points * SECOND_MS) / median(ms);
    const against = { name: 'download_of_the_same_answers', value: perSecond(taken.download) };
    yield figure('pull_durable', { value: perSecond(taken.durable), unit: 'points/s' }, against);
    yield figure('pull_read', { value: perSecond(taken.read), unit: 'points/s' }, against);
    const largest = Math.max(...Array.from(answers.values(), ({ length }) => length));
    yield figure('pull_memory', { value: peak / MIB, unit: 'MiB' }, { name: 'largest_answer', value: largest / MIB });
  } finally {
    await intake.close();
    await engine.close();
    server.closeAllConnections();
    server.close();
  }
}

/** What a pull asks of the fleet, and what it is answered. */
async function record(): Promise<Answers> {
  const fleet = createFleet({ preset: 'bench', containers: CONTAINERS, seed: 1, start: START });
  const api = await startPrometheusApi({ fleet, clock: systemClock, stepMs: STEP_MS });
  const answers = new Map<string, Buffer>();
  const { server, url } = await serve(async (req) => {
    const question = await questionOf(req);
    const reply = await fetch(`${api.url}/api/v1/query?${question}`);
    const answer = Buffer.from(await reply.arrayBuffer());
    answers.set(question, answer);
    return answer;
  });
  await pull(url);
  server.close();
  await api.close();
  return answers;
}

async function questionOf(req: IncomingMessage): Promise<string> {
  return req.method === 'POST' ? await text(req) : (req.url ?? '').slice((req.url ?? '').indexOf('?') + 1);
}

async function serve(
  answer: (req: IncomingMessage) => Promise<Buffer | undefined>,
): Promise<{ server: Server; url: string }> {
  const server = createServer((req, res) => {
    const reply = async () => {
      const body = await answer(req);
      res.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
      res.end(body);
    };
    reply().catch(() => res.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, url: `http://127.0.0.1:${address.port}` };
}

/** Points of the window; where there is an intake, they are durable at the end. */
async function pull(url: string, intake?: Intake): Promise<number> {
  const source = createPrometheusPull({
    url,
    headers: {},
    timeoutMs: 60_000,
    responseBytesMax: 64 * MIB,
    samplesMax: 200_000,
    dedup: true,
    partialResponse: false,
    selector: {},
    clusterLabels: ['cluster'],
    replicaLabels: [],
  });
  const target = { tenant: randomUUID(), cluster: randomUUID() };
  const signal = new AbortController().signal;
  let points = 0;
  await storeAhead(source.pull(WINDOW, signal), {
    aheadMax: 2,
    async store({ batches }) {
      await Promise.all(batches.map(async ({ batch }) => intake?.accept(target, batch)));
    },
    async stored({ batches }) {
      for (const { batch } of batches) points += batch.points?.ids.length ?? 0;
      return Promise.resolve(true);
    },
  });
  return points;
}

async function download(url: string, answers: Answers): Promise<void> {
  for (const question of answers.keys()) {
    const reply = await fetch(`${url}/api/v1/query`, { method: 'POST', body: question });
    for await (const _ of reply.body ?? []);
  }
}

/** How far resident memory rose above what it was at first. */
async function withPeak<T>(work: () => Promise<T>): Promise<{ result: T; bytes: number }> {
  const before = process.memoryUsage.rss();
  let bytes = 0;
  const timer = setInterval(() => (bytes = Math.max(bytes, process.memoryUsage.rss() - before)), SAMPLE_EVERY_MS);
  try {
    const result = await work();
    return { result, bytes };
  } finally {
    clearInterval(timer);
  }
}
