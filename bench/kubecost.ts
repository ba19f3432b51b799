/**
 * Hours of a large cluster from the allocation API, from the first byte to facts, against taking the same answers whole and
 * parsing them at once, which makes no fact of them. `node bench/run.ts kubecost`.
 */
import { createServer, type Server } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HOUR_MS, MINUTE_MS } from '../src/lib/clock.ts';
import { createFleet } from '../src/sim/fleet.ts';
import { kubecostSet } from '../src/sim/kubecost-allocations.ts';
import { createKubecostPull } from '../src/sources/kubecost/kubecost-pull.ts';
import { type Figure, figure, median, takeTurns } from './support/figure.ts';

const CONTAINERS = 20_000;
const HOURS = 6;
const TURNS = 3;
const START = Date.UTC(2026, 0, 5);
const MIB = 2 ** 20;

export async function* benchKubecost(): AsyncGenerator<Figure> {
  const { server, url } = await serve(answer());
  try {
    // First, while nothing of other runs is left over.
    const peak = { value: await peakMib((held) => pull(url, held)), unit: 'MiB' };
    const whole = await peakMib((held) => parseWhole(url, held));
    yield figure('kubecost_pull_memory', peak, { name: 'json_parse_of_whole_answers', value: whole });
    const works = { pull: () => pull(url), whole: () => parseWhole(url) };
    const taken = await takeTurns(works, TURNS);
    const perSecond = (ms: readonly number[]) => (CONTAINERS * HOURS * 1_000) / median(ms);
    const rate = { value: perSecond(taken.pull), unit: 'allocations/s' };
    yield figure('kubecost_pull', rate, { name: 'json_parse_of_whole_answers', value: perSecond(taken.whole) });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The same answer to every question for an hour. */
async function serve(body: Buffer): Promise<{ server: Server; url: string }> {
  const server = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, url: `http://127.0.0.1:${address.port}` };
}

/** An hour of a fleet. Its allocations do not name the hour, so that it can stand for any. */
function answer(): Buffer {
  const fleet = createFleet({ preset: 'bench', containers: CONTAINERS, seed: 1, start: START });
  const set = Object.entries(kubecostSet(fleet, START + HOUR_MS));
  const timeless = set.map(([key, allocation]) => [key, { ...allocation, window: undefined }]);
  return Buffer.from(JSON.stringify({ code: 200, data: [Object.fromEntries(timeless)] }));
}

/** Called while what an hour came to is held. */
type Held = () => void;

async function pull(url: string, held: Held = () => undefined): Promise<void> {
  const source = createKubecostPull({ url, clock: { now: () => START }, limits: { chunkHoursMax: 1 } });
  const window = { from: START, to: START + HOURS * HOUR_MS };
  let containers = 0;
  for await (const { batches, refused } of source.pull(window, AbortSignal.timeout(10 * MINUTE_MS))) {
    if (Object.keys(refused).length > 0) throw new Error(`refused: ${JSON.stringify(refused)}`);
    held();
    for (const { batch } of batches) containers += batch.facts?.filter(({ pod }) => pod !== '').length ?? 0;
  }
  if (containers < CONTAINERS * HOURS) throw new Error(`only ${containers} containers were read`);
}

async function parseWhole(url: string, held: Held = () => undefined): Promise<void> {
  let allocations = 0;
  for (let hour = 0; hour < HOURS; hour += 1) {
    const response = await fetch(`${url}/model/allocation`);
    const answer: unknown = await response.json();
    held();
    allocations += countOf(answer);
  }
  if (allocations < CONTAINERS * HOURS) throw new Error(`only ${allocations} allocations were read`);
}

function countOf(answer: unknown): number {
  const isObject = typeof answer === 'object' && answer !== null;
  const sets: unknown = isObject && 'data' in answer ? answer.data : [];
  return Array.isArray(sets) ? sets.reduce((sum: number, set: object) => sum + Object.keys(set).length, 0) : 0;
}

/** The most memory that is in use, garbage apart, beyond what was before. */
async function peakMib(work: (held: Held) => Promise<void>): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collectGarbage: unknown = runInNewContext('gc');
  const used = () => {
    if (typeof collectGarbage === 'function') collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  await work(() => undefined); // what is made once and stays is not counted
  await turn();
  const before = used();
  let peak = before;
  await work(() => (peak = Math.max(peak, used())));
  return (peak - before) / MIB;
}
