/** A fleet behind the allocation API of Kubecost (`/model/allocation`) and OpenCost (`/allocation`), on loopback. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Clock, HOUR_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Fleet } from './fleet.ts';
import { kubecostSet } from './kubecost-allocations.ts';

export interface KubecostApiOptions {
  /** Hours that are not over by this clock hold nothing. */
  readonly clock: Clock;
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

export interface KubecostApi {
  readonly url: string;
  close(): Promise<void>;
}

const PATHS = new Set(['/model/allocation', '/allocation', '/allocation/compute']);
const HOURS_MAX = 31 * 24;
const LEAVES = 'cluster,node,namespace,pod,container';

/** Answers questions for containers in steps of an hour; what else such a server can do is refused with 400. */
export async function startKubecostApi(fleet: Fleet, { clock, port = 0 }: KubecostApiOptions): Promise<KubecostApi> {
  const server = createServer((req, res) => {
    void answer(req, res, (hour) => (hour + HOUR_MS > clock.now() ? {} : kubecostSet(fleet, hour)));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the allocation API has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(req: IncomingMessage, res: ServerResponse, setOf: (hour: number) => object): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://localhost');
  if (req.method !== 'GET' || !PATHS.has(url.pathname)) {
    res.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    return;
  }
  try {
    const { from, to } = windowOf(url.searchParams);
    res.writeHead(200, { 'content-type': 'application/json' });
    await pipeline(body(from, to, setOf), res).catch(() => undefined); // whoever asked may have gone
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    res.writeHead(400, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ code: 400, status: 'error', message: error.message, data: null }));
  }
}

function* body(from: number, to: number, setOf: (hour: number) => object): Generator<string> {
  yield '{"code":200,"status":"success","data":[';
  for (let hour = from; hour < to; hour += HOUR_MS) yield `${hour === from ? '' : ','}${JSON.stringify(setOf(hour))}`;
  yield ']}';
}

/** Whole hours. Throws AppError `invalid_request`. */
function windowOf(query: URLSearchParams): { from: number; to: number } {
  const [from = Number.NaN, to = Number.NaN] = (query.get('window') ?? '').split(',').map(instantOf);
  if (!(from % HOUR_MS === 0 && to % HOUR_MS === 0 && from < to && to - from <= HOURS_MAX * HOUR_MS)) {
    throw new AppError('invalid_request', `cannot answer for the window "${query.get('window')}"`);
  }
  const step = query.get('step') ?? '';
  if (step !== '1h') throw new AppError('invalid_request', `cannot answer in steps of "${step}"`);
  const level = query.get('aggregate') ?? LEAVES;
  if (level !== LEAVES) throw new AppError('invalid_request', `cannot aggregate by "${level}"`);
  return { from, to };
}

/** RFC 3339, or seconds since the epoch. */
function instantOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text);
}
