import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listen } from '../../test/support/listen.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/log.ts';
import { type Courier, startCourier } from './courier.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { type ParcelKind, pack, recordOf } from './parcel.ts';
import { openSpool, type Spool } from './spool.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';
import { together } from './together.ts';

interface Taken {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: Record<string, unknown>;
}

/** What the server says to the next requests; then 202. */
type Script = { status: number; body?: object; headers?: Record<string, string> }[];

let folder = '';
let port = 0;
let server: Server;
let taken: Taken[] = [];
let script: Script = [];
let judge: ((body: Record<string, unknown>) => number) | undefined;
let spool: Spool;
let client: HttpClient;
let courier: Courier | undefined;
let telemetry: Telemetry;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubetally-courier-'));
  [taken, script, judge, courier] = [[], [], undefined, undefined];
  server = createServer((request, response) => void answer(request, response));
  port = await listen(server);
  spool = await openSpool(folder);
  client = createHttpClient({ timeoutMs: 2_000, answerBytesMax: 10_000, connectionsMax: 4 });
  telemetry = createTelemetry();
});
afterEach(async () => {
  await courier?.stop();
  client.close();
  server.close();
  server.closeAllConnections();
  await spool.close();
  await rm(folder, { recursive: true, force: true });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const wire = Buffer.concat(chunks);
  const body: Record<string, unknown> = JSON.parse(gunzipSync(wire).toString()); // an empty body would fail here
  const key = request.headers['x-api-key'];
  taken.push({ path: request.url ?? '', key: key === undefined ? undefined : String(key), body });
  const { status, body: reply = {}, headers = {} } = script.shift() ?? { status: judge?.(body) ?? 202 };
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(reply));
}

const urlOf = (kind: ParcelKind) =>
  new URL(kind === 'samples' ? '/v1/samples' : '/metrics', `http://127.0.0.1:${port}`);

function start(options: { together?: typeof together } = {}): void {
  courier = startCourier({
    spool,
    client,
    destination: { urlOf, headers: { 'x-api-key': 'id:secret' } },
    telemetry,
    clock: systemClock,
    log: createLogger({ level: 'silent' }),
    limits: { backoff: { firstMs: 5, maxMs: 20 }, retryAfterMsMax: 400 },
    ...options,
  });
}

async function put(kind: ParcelKind, body: object): Promise<void> {
  await spool.append(recordOf({ kind, body: await pack(JSON.stringify(body)) }));
}

const delivered = (count: number) =>
  waitFor(() => telemetry.count('kubetally_spool_delivered_total') === count && spool.state.records === 0);

test('each record goes to its own route, with the key, and leaves the spool', async () => {
  start();
  await put('collector', { n: 1 });
  await put('samples', { source: 'kubernetes', nodes: [2] });
  await delivered(2);
  expect(taken.map(({ path, key }) => `${path} ${key}`).toSorted()).toEqual([
    '/metrics id:secret',
    '/v1/samples id:secret',
  ]);
});

test.each([429, 408, 500, 502, 503, 504, 401, 404, 302])(
  'a %d is tried again with the same body, until it is taken',
  async (status) => {
    script = Array.from({ length: 3 }, () => ({ status }));
    start();
    await put('collector', { n: 7 });
    await delivered(1);
    expect(taken.map(({ body }) => body)).toEqual(Array.from({ length: 4 }, () => ({ n: 7 })));
    expect(telemetry.count('kubetally_spool_failures_total')).toBe(3);
    expect(courier?.trouble).toBeNull();
  },
);

test.each([400, 403, 413, 415, 422])('a %d is final: it is counted, and blocks nothing', async (status) => {
  judge = ({ n }) => (n === 1 ? status : 202);
  await put('collector', { n: 0 });
  await put('collector', { n: 1 });
  await put('collector', { n: 2 });
  start();
  await delivered(2);
  expect(telemetry.count('kubetally_spool_refused_total')).toBe(1);
  expect(taken).toHaveLength(3);
});

test('what was not begun when the server lost its patience is sent too, and what was taken is not sent again', async () => {
  for (let n = 0; n < 30; n += 1) await put('collector', { n });
  script = [{ status: 202 }, { status: 503 }, { status: 202 }, { status: 202 }, { status: 429 }];
  start();
  await delivered(30);
  const numbers = taken.map(({ body }) => Number(body['n']));
  expect(new Set(numbers).size).toBe(30);
  expect(numbers).toHaveLength(30 + telemetry.count('kubetally_spool_failures_total'));
});

test('a key without the scope is not a reason to throw data away', async () => {
  script = [{ status: 403, body: { code: 'scope_missing' } }];
  start();
  await put('collector', { n: 1 });
  await delivered(1);
});

test('what the server asks to wait is waited, and not longer than the limit', async () => {
  script = [{ status: 503, headers: { 'retry-after': '3600' } }];
  start();
  const startedAt = performance.now();
  await put('collector', { n: 1 });
  await delivered(1);
  expect(performance.now() - startedAt).toBeGreaterThan(390);
});

test('samples of one cluster travel together; one that is refused among them costs itself alone', async () => {
  judge = ({ nodes }) => (Array.isArray(nodes) && nodes.includes(3) ? 400 : 202);
  for (let n = 0; n < 6; n += 1) await put('samples', { source: 'kubernetes', cluster_name: 'a', nodes: [n] });
  await put('samples', { source: 'kubernetes', cluster_name: 'b', containers: [9] });
  await put('collector', { n: 10 });
  start({ together });
  await delivered(7);
  expect(telemetry.count('kubetally_spool_refused_total')).toBe(1);
  const first = taken
    .slice(0, 3)
    .map(({ body }) => JSON.stringify(body))
    .toSorted();
  expect(first).toEqual([
    '{"n":10}',
    '{"source":"kubernetes","cluster_name":"a","nodes":[0,1,2,3,4,5]}',
    '{"source":"kubernetes","cluster_name":"b","containers":[9]}',
  ]);
  expect(taken).toHaveLength(9);
});

test('rows that the server refused of what it took are counted', async () => {
  script = [{ status: 202, body: { rejected_count: 5, rejected: [{ row: 1, field: 'x', message: 'y' }] } }];
  start();
  await put('collector', { n: 1 });
  await delivered(1);
  expect(telemetry.count('kubetally_spool_rejected_rows_total')).toBe(5);
});

test('a server that is away is found again; a stop in the middle leaves everything in the spool', async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  start();
  await put('collector', { n: 1 });
  await waitFor(() => telemetry.count('kubetally_spool_failures_total') > 2);
  expect(courier?.trouble).toMatch(/cannot reach http/);
  await courier?.stop();
  expect(spool.state.records).toBe(1);
  await listen(server, port);
  start();
  await delivered(1);
});

test('an answer that never comes, or never ends, is given up in time', async () => {
  client.close();
  client = createHttpClient({ timeoutMs: 100, answerBytesMax: 100, connectionsMax: 4 });
  let asked = 0;
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    request.resume();
    asked += 1;
    if (asked === 2) response.end('x'.repeat(10_000));
    if (asked > 2) response.writeHead(202).end('{}');
  });
  start();
  await put('collector', { n: 1 });
  await delivered(1);
  expect(asked).toBe(3);
});
