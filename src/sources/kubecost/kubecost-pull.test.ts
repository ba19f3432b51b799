import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { type CannedUpstream, cannedUpstream, sendJson } from '../../../test/support/canned-upstream.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { PulledPiece } from '../pull.ts';
import { createKubecostPull, type KubecostPullOptions } from './kubecost-pull.ts';

const HOUR = Date.UTC(2026, 4, 17, 14);
const NOW = HOUR + 100 * HOUR_MS;
const SECRET = 'Bearer not-to-be-seen';

type Answer = (req: IncomingMessage, res: ServerResponse) => void;

const opened: CannedUpstream[] = [];
afterEach(async () => {
  for (const upstream of opened.splice(0)) await upstream.close();
});

async function serve(answer: Answer): Promise<CannedUpstream> {
  const upstream = await cannedUpstream(answer);
  opened.push(upstream);
  return upstream;
}

const limits = { timeoutMs: 5_000, stallTimeoutMs: 5_000 };
const pullOf = (url: string, more: Partial<KubecostPullOptions> = {}) =>
  createKubecostPull({ url, clock: { now: () => NOW }, headers: { authorization: SECRET }, limits, ...more });

async function collected(pieces: AsyncIterable<PulledPiece>): Promise<PulledPiece[]> {
  const all: PulledPiece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

async function pulled(
  upstream: Pick<CannedUpstream, 'url'>,
  {
    hours = 1,
    signal = AbortSignal.timeout(20_000),
    ...more
  }: Partial<KubecostPullOptions> & { hours?: number; signal?: AbortSignal } = {},
): Promise<PulledPiece[]> {
  const window = { from: HOUR, to: HOUR + hours * HOUR_MS };
  return await collected(pullOf(upstream.url, more).pull(window, signal));
}

/** The error of a pull, which must be ours. */
async function failure(answer: Answer, more: Parameters<typeof pulled>[1] = {}): Promise<AppError> {
  const upstream = await serve(answer);
  const outcome = await pulled(upstream, more).catch((error: unknown) => error);
  if (!(outcome instanceof AppError)) throw new Error(`expected an AppError: ${String(outcome)}`);
  expect(JSON.stringify([outcome.message, outcome.details])).not.toContain('not-to-be-seen');
  return outcome;
}

const factsOf = (pieces: readonly PulledPiece[]) =>
  pieces.flatMap(({ batches }) => batches.flatMap(({ batch }) => batch.facts ?? []));

function windowOf(req: IncomingMessage): { from: number; to: number; hours: number } {
  const query = new URL(req.url ?? '', 'http://x').searchParams;
  const [from = 0, to = 0] = (query.get('window') ?? '').split(',').map(Date.parse);
  return { from, to, hours: (to - from) / HOUR_MS };
}

const at = (ms: number) => new Date(ms).toISOString();

/** One container on one node in each cluster given. */
function set(hour: number, { clusters = ['prod'], pods = 1 } = {}): Record<string, object> {
  const entries = clusters.flatMap((cluster) =>
    Array.from({ length: pods }, (_, i) => {
      const properties = {
        cluster,
        node: 'node-1',
        namespace: 'shop',
        pod: `web-${i}`,
        container: 'web',
        providerID: 'i-1',
        namespaceLabels: { team: 'blue' },
      };
      const window = { start: at(hour), end: at(hour + HOUR_MS) };
      return [`${cluster}/node-1/shop/web-${i}/web`, { properties, window, minutes: 60, cpuCost: 0.5 }] as const;
    }),
  );
  return Object.fromEntries(entries);
}

const sets = ({ from, hours }: { from: number; hours: number }) =>
  Array.from({ length: hours }, (_, i) => set(from + i * HOUR_MS));
const good = (data: unknown) => ({ code: 200, status: 'success', data });

describe('what is asked', () => {
  test('containers in steps of an hour, idle cost by node and shared with nobody', async () => {
    const upstream = await serve((req, res) => sendJson(res, good(sets(windowOf(req)))));
    await pulled(upstream);
    const { pathname, searchParams } = new URL(upstream.asked[0] ?? '', upstream.url);
    expect(pathname).toBe('/model/allocation');
    expect(Object.fromEntries(searchParams)).toEqual({
      window: '2026-05-17T14:00:00Z,2026-05-17T15:00:00Z',
      step: '1h',
      accumulate: 'false',
      aggregate: 'cluster,node,namespace,pod,container',
      idle: 'true',
      includeIdle: 'true',
      idleByNode: 'true',
      splitIdle: 'true',
      shareIdle: 'false',
      external: 'false',
    });
  });

  test('the API is found under /model or without it, once, or where the address says', async () => {
    const f = async (base: string, served: string, asked: string[]) => {
      const upstream = await serve((req, res) => {
        if (req.url?.startsWith(`${served}?`)) sendJson(res, good(sets(windowOf(req))));
        else res.writeHead(served === '/allocation' ? 200 : 404, { 'content-type': 'text/html' }).end('<html>');
      });
      const facts = factsOf(await pulled({ url: `${upstream.url}${base}` }, { hours: 2 }));
      expect(facts.filter(({ kind }) => kind === 'container')).toHaveLength(2);
      expect(upstream.asked.map((url) => url.split('?')[0])).toEqual(asked);
    };
    await f('', '/model/allocation', ['/model/allocation', '/model/allocation']);
    await f('/', '/allocation', ['/model/allocation', '/allocation', '/allocation']);
    await f('/kubecost/model/', '/kubecost/model/allocation', [
      '/kubecost/model/allocation',
      '/kubecost/model/allocation',
    ]);
    await f('/allocation/compute', '/allocation/compute', ['/allocation/compute', '/allocation/compute']);
  });

  test('pods where pods are configured', async () => {
    const upstream = await serve((req, res) => sendJson(res, good(sets(windowOf(req)))));
    await pulled(upstream, { aggregate: 'pod' });
    expect(upstream.asked[0]).toContain('aggregate=cluster%2Cnode%2Cnamespace%2Cpod&');
  });

  test('one request at a time, for more hours after each quick answer, and every hour once', async () => {
    const lengths: number[] = [];
    const upstream = await serve((req, res) => {
      lengths.push(windowOf(req).hours);
      sendJson(res, good(sets(windowOf(req))));
    });
    const pieces = await pulled(upstream, { hours: 40, limits: { ...limits, chunkHoursMax: 8 } });
    expect(lengths).toEqual([1, 2, 4, 8, 8, 8, 8, 1]);
    expect(upstream.openMax()).toBe(1);
    const hours = factsOf(pieces)
      .filter(({ kind }) => kind === 'container')
      .map(({ hour }) => hour);
    expect(hours).toEqual(Array.from({ length: 40 }, (_, i) => HOUR + i * HOUR_MS));
  });

  test('no part of an hour: an hour that is not over is left for later', async () => {
    const upstream = await serve((req, res) => sendJson(res, good(sets(windowOf(req)))));
    const signal = AbortSignal.timeout(20_000);
    const window = { from: HOUR + 1, to: HOUR + 2 * HOUR_MS - 1 };
    const pieces = await collected(pullOf(upstream.url).pull(window, signal));
    expect(pieces.at(-1)?.through).toBe(HOUR + HOUR_MS);
    expect(upstream.asked).toHaveLength(1);
  });
});

describe('what is answered', () => {
  test('each hour is a piece; progress comes with the end of an answer alone', async () => {
    const upstream = await serve((req, res) => sendJson(res, good(sets(windowOf(req)))));
    const pieces = await pulled(upstream, { hours: 3 });
    const seen = pieces.map(({ batches, through }) => [batches.length, (through - HOUR) / HOUR_MS]);
    expect(seen).toEqual([
      [1, 0],
      [0, 1],
      [1, 1],
      [1, 1],
      [0, 3],
    ]);
    expect(
      factsOf(pieces)
        .filter(({ kind }) => kind === 'node')
        .map(({ hour }) => hour),
    ).toEqual([0, 1, 2].map((i) => HOUR + i * HOUR_MS));
  });

  test('clusters come apart, nodes are told of once an hour, and all of an answer is stated at one time', async () => {
    const data = [set(HOUR, { clusters: ['a', 'b', ''], pods: 3 })];
    const upstream = await serve((_req, res) => sendJson(res, good(data)));
    const pieces = await pulled(upstream);
    const batches = pieces.flatMap((piece) => piece.batches);
    expect(batches.map(({ clusterName, batch }) => [clusterName, batch.facts?.map(({ kind }) => kind)])).toEqual(
      ['a', 'b', null].map((name) => [name, ['container', 'container', 'container', 'node']]),
    );
    expect(factsOf(pieces).find(({ kind }) => kind === 'node')).toMatchObject({
      node: 'node-1',
      texts: { provider_id: 'i-1' },
      amounts: {},
    });
    expect(new Set(factsOf(pieces).map(({ statedAt }) => statedAt))).toEqual(new Set([NOW]));
  });

  test('a namespace is told of once an hour, though each of its containers states it', async () => {
    const upstream = await serve((req, res) => sendJson(res, good([set(windowOf(req).from, { pods: 3 })])));
    const pieces = await pulled(upstream, { hours: 2 });
    const told = pieces.flatMap(({ batches }) => batches.flatMap(({ batch }) => batch.namespaces ?? []));
    expect(told).toEqual(
      [HOUR, HOUR + HOUR_MS].map((at) => ({ at, namespace: 'shop', labels: { team: 'blue' }, annotations: {} })),
    );
  });

  test('an hour of very many facts comes in several pieces', async () => {
    const upstream = await serve((_req, res) => sendJson(res, good([set(HOUR, { pods: 25 })])));
    const pieces = await pulled(upstream, { limits: { ...limits, factsPerPieceMax: 10 } });
    expect(pieces.map((piece) => factsOf([piece]).length)).toEqual([10, 10, 6, 0]);
  });

  test('one map, a list, null and empty sets, null allocations, compressed or not', async () => {
    const f = async (data: unknown, want: number) => {
      const upstream = await serve((_req, res) => {
        res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        res.end(gzipSync(JSON.stringify(good(data))));
      });
      const pieces = await pulled(upstream);
      expect(
        factsOf(pieces).filter(({ kind }) => kind === 'container'),
        JSON.stringify(data),
      ).toHaveLength(want);
      expect(pieces.at(-1)?.warnings).toEqual(want === 0 ? ['1 of 1 hours hold no allocations'] : []);
    };
    await f([set(HOUR)], 1);
    await f(set(HOUR), 1);
    await f([null, set(HOUR), {}], 1);
    await f([{ a: null, ...set(HOUR) }], 1);
    for (const nothing of [null, [], {}, [null], [{}]]) await f(nothing, 0);
  });

  test('bare NaN, which is no JSON, is what is not known', async () => {
    const text = JSON.stringify(good([set(HOUR)])).replace(
      '"minutes":60',
      '"note":"NaN, \\"NaN","gpuCost":NaN,"ramCost":-Infinity,"minutes":60',
    );
    const upstream = await serve((_req, res) => sendJson(res, text));
    const pieces = await pulled(upstream);
    expect(pieces.at(-1)?.refused).toEqual({});
    expect(factsOf(pieces)[0]?.amounts).toEqual({ run_ms: HOUR_MS, cpu_cost_pico: 500_000_000_000 });
  });

  test('what is wrong with one allocation costs the others nothing, and is counted by its reason', async () => {
    const bad = { ...set(HOUR)['prod/node-1/shop/web-0/web'], minutes: -5 };
    const data = [{ a: bad, b: bad, c: 5, d: { x: 'y'.repeat(3_000) }, ...set(HOUR) }];
    const upstream = await serve((_req, res) => sendJson(res, good(data)));
    const pieces = await pulled(upstream, { limits: { ...limits, allocationBytesMax: 2_000 } });
    expect(factsOf(pieces).filter(({ kind }) => kind === 'container')).toHaveLength(1);
    expect(pieces.flatMap(({ refused }) => Object.entries(refused))).toEqual([
      ['minutes: must be between 0 and 60', 2],
      ['must be an object', 1],
      ['too large', 1],
    ]);
  });

  test('what the server says of its own answer is handed on', async () => {
    const upstream = await serve((_req, res) =>
      sendJson(res, { ...good([set(HOUR)]), warning: 'partial', message: '' }),
    );
    expect((await pulled(upstream)).at(-1)?.warnings).toEqual(['partial']);
  });
});

describe('what goes wrong', () => {
  const text = JSON.stringify(good([set(HOUR)]));
  const status =
    (code: number, headers = {}): Answer =>
    (_req, res) =>
      void res.writeHead(code, headers).end('because');

  test('not now: it may be tried again, after the time that the server names', async () => {
    const f = async (answer: Answer, want: object) =>
      expect(await failure(answer)).toMatchObject({ code: 'upstream_unavailable', ...want });
    await f(status(429, { 'retry-after': '17' }), { retryAfterSeconds: 17 });
    await f(status(503, { 'retry-after': '999999999' }), { retryAfterSeconds: 3_600 });
    await f(status(503, { date: 'Sun, 17 May 2026 14:00:00 GMT', 'retry-after': 'Sun, 17 May 2026 14:02:00 GMT' }), {
      retryAfterSeconds: 120,
    });
    await f(status(503, { 'retry-after': 'soon' }), { retryAfterSeconds: 30 });
    await f(status(500), { message: expect.stringContaining('/model/allocation answered 500: because') });
    await f((_req, res) => sendJson(res, { code: 503, status: 'error', data: null }), {});
    await f((req) => req.socket.destroy(), {});
    await f((_req, res) => res.end(text.slice(0, -9)), { message: expect.stringContaining('ends too early') });
    await f((_req, res) => {
      res.writeHead(200, { 'content-length': String(text.length) });
      res.write(text.slice(0, 50), () => res.destroy());
    }, {});
    const gone = await cannedUpstream(() => undefined);
    await gone.close();
    await expect(pulled(gone)).rejects.toMatchObject({
      code: 'upstream_unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('not so: a person must look', async () => {
    const f = async (answer: Answer, want: string, more = {}) =>
      expect(await failure(answer, more)).toMatchObject({
        code: 'upstream_refused',
        message: expect.stringContaining(want),
      });
    await f(status(401), 'answered 401: because');
    await f(status(403), 'answered 403');
    await f(status(404), '/allocation answered 404');
    await f(status(400), 'answered 400');
    await f((_req, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), 'answered with a page');
    await f((_req, res) => res.end('<html>'), 'is not JSON');
    await f((_req, res) => sendJson(res, { code: 200 }), 'has no "data"');
    await f((_req, res) => sendJson(res, { status: 'success', data: 'x' }), 'neither a list nor an object');
    await f((_req, res) => sendJson(res, { code: 400, data: [] }), 'code 400');
    await f((_req, res) => sendJson(res, text), 'more than 100 bytes', { limits: { ...limits, bodyBytesMax: 100 } });
  });

  test('no credential is told of, though the upstream quotes them where its words are cut', async () => {
    const quoted: Answer = (req, res) => res.writeHead(401).end('x'.repeat(190) + String(req.headers.authorization));
    expect((await failure(quoted)).message).toMatch(/401: x{190}\[secret\]$/);
    const warned: Answer = (req, res) =>
      sendJson(res, { ...good([set(HOUR)]), warning: `you are ${req.headers.authorization}` });
    const warnings = (await pulled(await serve(warned))).flatMap((piece) => piece.warnings);
    expect(warnings).toContain('you are [secret]');
  });

  test('redirects are followed at home, and nowhere else: the credentials stay', async () => {
    const elsewhere = await serve((_req, res) => sendJson(res, text));
    const error = await failure((req, res) => res.writeHead(302, { location: `${elsewhere.url}${req.url}` }).end());
    expect(error).toMatchObject({
      code: 'upstream_refused',
      message: expect.stringContaining(`redirects to ${elsewhere.url}`),
    });
    expect(elsewhere.asked).toEqual([]);
    expect(await failure((req, res) => res.writeHead(308, { location: req.url }).end())).toMatchObject({
      code: 'upstream_refused',
    });
    const home = await serve((req, res) => {
      if (req.headers.authorization !== SECRET) sendJson(res, {}, 401);
      else if (req.url?.startsWith('/model/allocation/')) sendJson(res, text);
      else res.writeHead(307, { location: req.url?.replace('allocation?', 'allocation/?') }).end();
    });
    expect(factsOf(await pulled(home))).toHaveLength(2);
  });

  test('a server that says nothing, or stops half-way, is given up after its time', async () => {
    const late = { ...limits, timeoutMs: 50, stallTimeoutMs: 50 };
    expect(await failure(() => undefined, { limits: late })).toMatchObject({
      code: 'upstream_unavailable',
      details: { timedOut: true },
    });
    const stalled: Answer = (_req, res) => void res.write(text.slice(0, 100));
    expect(await failure(stalled, { limits: { ...late, timeoutMs: 5_000 } })).toMatchObject({
      details: { timedOut: true },
    });
  });

  test('whoever pulls may stop at any time, and the connection ends', async () => {
    let closed = 0;
    const upstream = await serve((_req, res) => {
      res.on('close', () => (closed += 1));
      res.write(JSON.stringify(good([set(HOUR)])).slice(0, -2));
    });
    const stop = new AbortController();
    const reason = new Error('stopped');
    setImmediate(() => stop.abort(reason));
    await expect(pulled(upstream, { signal: stop.signal })).rejects.toBe(reason);
    for await (const piece of pullOf(upstream.url).pull(
      { from: HOUR, to: HOUR + HOUR_MS },
      AbortSignal.timeout(20_000),
    )) {
      expect(piece.batches).toHaveLength(1);
      break;
    }
    await expect.poll(() => closed).toBe(upstream.asked.length);
  });

  test('an answer that is too large is asked for again in smaller parts; one that fails is followed by smaller ones', async () => {
    const lengths: number[] = [];
    const size = Buffer.byteLength(JSON.stringify(good([set(HOUR), set(HOUR)])));
    const upstream = await serve((req, res) => {
      lengths.push(windowOf(req).hours);
      if (lengths.length === 5) res.writeHead(503).end();
      else sendJson(res, good(sets(windowOf(req))));
    });
    const source = pullOf(upstream.url, { limits: { ...limits, bodyBytesMax: size } });
    const window = { from: HOUR, to: HOUR + 9 * HOUR_MS };
    const signal = AbortSignal.timeout(20_000);
    await expect(collected(source.pull(window, signal))).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(lengths).toEqual([1, 2, 4, 2, 4]);
    lengths.length = 0;
    const rest = source.pull({ ...window, from: HOUR + 5 * HOUR_MS }, signal);
    expect(factsOf(await collected(rest)).filter(({ kind }) => kind === 'container')).toHaveLength(4);
  });
});
