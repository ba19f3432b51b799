import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Clock, MINUTE_MS } from '../lib/clock.ts';
import type { Fleet } from './fleet.ts';
import { parseRangeSelector, type RangeSelector } from './promql.ts';
import { createScrapes, type ScrapedSeries, type Scrapes } from './scrapes.ts';

/** The part of Prometheus' HTTP API that a pull uses, over a fleet that was scraped every minute. */
export interface PrometheusApi {
  /** On a free port of loopback. */
  readonly url: string;
  close(): Promise<void>;
}

export interface PrometheusApiOptions {
  readonly fleet: Fleet;
  /** What is in its future was not scraped yet. */
  readonly clock: Clock;
  readonly stepMs?: number;
}

const FORM_BYTES_MAX = 64 * 1_024;

export async function startPrometheusApi({
  fleet,
  clock,
  stepMs = MINUTE_MS,
}: PrometheusApiOptions): Promise<PrometheusApi> {
  const scrapes = createScrapes(fleet, stepMs);
  const server = createServer((request, response) => {
    void answer(request, response, { scrapes, clock }).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the API has no address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Held {
  readonly scrapes: Scrapes;
  readonly clock: Clock;
}

async function answer(request: IncomingMessage, response: ServerResponse, { scrapes, clock }: Held): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname !== '/api/v1/query') return refuse(response, 404, 'not_found: only /api/v1/query is here');
  const form = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : url.searchParams;
  const selector = parseRangeSelector(form.get('query') ?? '');
  const timeMs = Math.round(Number(form.get('time') ?? clock.now() / 1_000) * 1_000);
  if (!selector || !Number.isFinite(timeMs)) {
    return refuse(response, 400, 'bad_data: the query must be one range selector, at a time in seconds');
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(matrixText(selector, Math.min(timeMs, clock.now()), scrapes));
}

/** Ranges are open at their start and closed at their end, as in Prometheus 3. */
function matrixText(selector: RangeSelector, timeMs: number, scrapes: Scrapes): string {
  const points = new Map<ScrapedSeries, string[]>();
  const asked = new Map<ScrapedSeries, boolean>();
  for (const { at, series, values } of scrapes.within(timeMs - selector.rangeMs + 1, timeMs + 1)) {
    for (const [index, one] of series.entries()) {
      const isAsked = asked.get(one) ?? selector.matches(one.labels);
      asked.set(one, isAsked);
      if (!isAsked) continue;
      const told = points.get(one) ?? [];
      points.set(one, told);
      told.push(`[${at / 1_000},"${values[index] ?? 0}"]`);
    }
  }
  const result = Array.from(points, ([{ text }, told]) => `{"metric":${text},"values":[${told.join(',')}]}`);
  return `{"status":"success","data":{"resultType":"matrix","result":[${result.join(',')}]}}`;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  const [errorType, error] = text.split(': ');
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: 'error', errorType, error }));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > FORM_BYTES_MAX) throw new Error(`a form may have at most ${FORM_BYTES_MAX} bytes`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
