import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { cannedUpstream, sendJson } from '../../../test/support/canned-upstream.ts';
import { AppError } from '../../lib/errors.ts';
import { CADVISOR_METRICS, OTHER_METRICS } from './metrics.ts';
import { createPrometheusPull, type PrometheusPullOptions } from './prometheus.ts';

const WINDOW = { from: 1_700_000_000_000, to: 1_700_000_060_000 };
const SECRET = 'a-token-that-nobody-may-see';
const OPTIONS: Omit<PrometheusPullOptions, 'url'> = {
  headers: { Authorization: `Bearer ${SECRET}`, 'X-Scope-OrgID': 'shop' },
  timeoutMs: 5_000,
  responseBytesMax: 2 ** 20,
  samplesMax: 1_000,
  dedup: true,
  partialResponse: false,
  selector: { tenant_id: 'x' },
  clusterLabels: ['cluster', 'cluster_id'],
  replicaLabels: ['replica'],
};
const EMPTY = { status: 'success', data: { resultType: 'matrix', result: [] } };

type Answer = (req: IncomingMessage, res: ServerResponse, form: URLSearchParams) => void;

/** Pulls the window from an upstream that answers so; the points by cluster, or what was thrown. */
async function pullFrom(
  answer: Answer,
  options: Partial<PrometheusPullOptions> = {},
  signal = new AbortController().signal,
) {
  const upstream = await cannedUpstream((req, res) => void formOf(req).then((form) => answer(req, res, form)));
  const source = createPrometheusPull({ ...OPTIONS, ...options, url: upstream.url });
  const clusters = new Map<string | null, number>();
  let refused = 0;
  const warnings: string[] = [];
  try {
    for await (const piece of source.pull(WINDOW, signal)) {
      for (const { clusterName, batch } of piece.batches) {
        clusters.set(clusterName, (clusters.get(clusterName) ?? 0) + (batch.points?.ids.length ?? 0));
      }
      for (const count of Object.values(piece.refused)) refused += count;
      warnings.push(...piece.warnings);
    }
    return { clusters: Object.fromEntries(clusters), refused, warnings, upstream, error: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { clusters: {}, refused, warnings, upstream, error };
  } finally {
    await upstream.close();
  }
}

/** What was asked, in the address or as a form. */
async function formOf(req: IncomingMessage): Promise<URLSearchParams> {
  return req.method === 'POST'
    ? new URLSearchParams(await text(req))
    : new URL(req.url ?? '', 'http://localhost').searchParams;
}

/** One series for each metric asked for, a point a second: as many as the range says. */
function answerPoints(form: URLSearchParams, perMetric = 1): object {
  const query = form.get('query') ?? '';
  const time = Number(form.get('time'));
  const seconds = Number(/\[(\d+)ms\]/.exec(query)?.[1]) / 1_000;
  const metrics = (/__name__=~?"([^"]+)"/.exec(query)?.[1] ?? '').split('|');
  const result = metrics.flatMap((__name__) =>
    Array.from({ length: perMetric }, (_, i) => ({
      metric: { __name__, pod: `p${i}`, cluster: 'one' },
      values: Array.from({ length: seconds }, (_, s) => [Math.floor(time) - s, '1']),
    })),
  );
  return { status: 'success', data: { resultType: 'matrix', result } };
}

describe('an upstream that fails', () => {
  test.each<{
    what: string;
    answer: Answer;
    code: string;
    message: RegExp;
    retryAfter?: number;
    options?: Partial<PrometheusPullOptions>;
  }>([
    {
      what: 'is busy and says for how long',
      answer: (_, res) => res.writeHead(503, { 'retry-after': '17' }).end('busy'),
      code: 'upstream_unavailable',
      message: /503: busy/,
      retryAfter: 17,
    },
    {
      what: 'limits the rate',
      answer: (_, res) => res.writeHead(429, { 'retry-after': '999999999' }).end(),
      code: 'upstream_unavailable',
      message: /429/,
      retryAfter: 3_600,
    },
    {
      what: 'hangs',
      answer: () => {},
      options: { timeoutMs: 100 },
      code: 'upstream_unavailable',
      message: /too slow: no whole answer within 100 ms/,
    },
    {
      what: 'hangs in the middle of its answer',
      answer: (_, res) => res.writeHead(200, { 'content-type': 'application/json' }).write('{"status":'),
      options: { timeoutMs: 100 },
      code: 'upstream_unavailable',
      message: /too slow/,
    },
    {
      what: 'closes the connection',
      answer: (req) => req.socket.destroy(),
      code: 'upstream_unavailable',
      message: /cannot ask http:\/\/127\.0\.0\.1/,
    },
    {
      what: 'breaks its answer off',
      answer: (_, res) => sendJson(res, '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":'),
      code: 'upstream_unavailable',
      message: /no whole JSON text/,
    },
    {
      what: 'is a login page',
      answer: (_, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>'),
      code: 'upstream_refused',
      message: /answered text\/html where JSON was asked for/,
    },
    {
      what: 'sends us elsewhere',
      answer: (_, res) => res.writeHead(302, { location: 'https://login.example.com/?token=x' }).end(),
      code: 'upstream_refused',
      message: /redirects to https:\/\/login\.example\.com: set its own address/,
    },
    {
      what: 'sends us round and round',
      answer: (req, res) => res.writeHead(307, { location: req.url }).end(),
      code: 'upstream_refused',
      message: /redirects more than 3 times/,
    },
    {
      what: 'refuses our credentials, and quotes them',
      answer: (req, res) => res.writeHead(401).end(`no user has ${req.headers.authorization ?? ''}`),
      code: 'upstream_refused',
      message: /401: no user has \[secret\]/,
    },
    {
      what: 'quotes them where its words are cut',
      answer: (req, res) => sendJson(res, { error: 'x'.repeat(290) + (req.headers.authorization ?? '') }, 401),
      code: 'upstream_refused',
      message: /401: x{290}\[secret\]$/,
    },
    {
      what: 'finds an error in what was asked',
      answer: (_, res) => sendJson(res, { status: 'error', errorType: 'bad_data', error: 'parse error' }, 400),
      code: 'upstream_refused',
      message: /400: parse error/,
    },
    {
      what: 'says error with a 200',
      answer: (_, res) => sendJson(res, { status: 'error', errorType: 'execution', error: 'boom' }),
      code: 'upstream_refused',
      message: /status "error": execution boom/,
    },
    {
      what: 'quotes them in an error with a 200, at length',
      answer: (req, res) =>
        sendJson(res, { status: 'error', error: 'x'.repeat(290) + (req.headers.authorization ?? '').repeat(1_000) }),
      code: 'upstream_refused',
      message: /status "error": x{290}\[secret\]\[s$/,
    },
    {
      what: 'quotes them in a warning, where it is cut',
      answer: (req, res) =>
        sendJson(res, { ...EMPTY, warnings: ['x'.repeat(290) + (req.headers.authorization ?? '')] }),
      code: 'upstream_unavailable',
      message: /incomplete: x{290}\[secret\]$/,
    },
    {
      what: 'answers in part, and says so',
      answer: (_, res) => sendJson(res, { ...EMPTY, warnings: ['store 10.0.0.7 is away'] }),
      code: 'upstream_unavailable',
      message: /calls its own answer incomplete: store 10\.0\.0\.7 is away/,
    },
    {
      what: 'takes too long itself',
      answer: (_, res) => sendJson(res, { status: 'error', errorType: 'timeout', error: 'query timed out' }, 503),
      code: 'upstream_unavailable',
      message: /too slow/,
    },
    {
      what: 'has too much in one instant of one metric',
      answer: (_, res) => sendJson(res, { status: 'error', error: 'query would load too many samples' }, 422),
      code: 'upstream_refused',
      message: /raise samplesPerQueryMax/,
    },
  ])('$what: told apart, and nothing is taken', async ({ answer, code, message, retryAfter, options }) => {
    const { error, clusters } = await pullFrom(answer, options);
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(message);
    expect(error?.message).not.toContain(SECRET);
    if (retryAfter !== undefined) expect(error?.retryAfterSeconds).toBe(retryAfter);
    expect(clusters).toEqual({});
  });

  test('is left at once when the pull is ended', async () => {
    const ending = new AbortController();
    const pulling = pullFrom(() => ending.abort(new Error('stopping')), {}, ending.signal);
    await expect(pulling).rejects.toThrow('stopping');
  });
});

test('ten times more points than an answer may have are asked for in smaller pieces, and each arrives once', async () => {
  const { clusters, upstream, error } = await pullFrom((_, res, form) => sendJson(res, answerPoints(form, 10)));
  expect(error).toBeUndefined();
  const metrics = CADVISOR_METRICS.length + OTHER_METRICS.length;
  expect(clusters['one']).toBe(metrics * 10 * 60);
  expect(upstream.openMax()).toBe(1);
});

test('an answer larger than its limit is broken off before it is whole', async () => {
  let sent = 0;
  const { clusters, error } = await pullFrom(
    (_, res, form) => {
      const few = (form.get('query') ?? '').split('|').length < 10;
      if (few) return sendJson(res, EMPTY);
      res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      const body = gzipSync(Buffer.alloc(50 * 2 ** 20, ' '));
      sent += 1;
      res.end(body);
    },
    { responseBytesMax: 65_536 },
  );
  expect({ clusters, error }).toEqual({ clusters: {}, error: undefined });
  expect(sent).toBeGreaterThan(0);
});

test('a redirect within the same host is followed', async () => {
  const { error } = await pullFrom((req, res) => {
    if (req.url?.startsWith('/moved')) sendJson(res, EMPTY);
    else res.writeHead(308, { location: '/moved/api/v1/query' }).end();
  });
  expect(error).toBeUndefined();
});

test('every question carries the selector, the headers and what keeps answers whole', async () => {
  const seen: Record<string, unknown>[] = [];
  await pullFrom((req, res, form) => {
    const { authorization, 'x-scope-orgid': scope } = req.headers;
    const { query, dedup, partial_response } = Object.fromEntries(form);
    seen.push({ authorization, scope, dedup, partial_response, selected: query?.includes('tenant_id="x"') });
    sendJson(res, EMPTY);
  });
  expect(seen.length).toBeGreaterThan(0);
  const want = {
    authorization: `Bearer ${SECRET}`,
    scope: 'shop',
    dedup: 'true',
    partial_response: 'false',
    selected: true,
  };
  for (const one of seen) expect(one).toEqual(want);
});

test('with leave to be partial, an incomplete answer is taken and its warnings told', async () => {
  const answer: Answer = (_, res, form) => sendJson(res, { ...answerPoints(form), warnings: ['store a is away'] });
  const { warnings, clusters } = await pullFrom(answer, { partialResponse: true, samplesMax: 100_000 });
  expect(warnings).toContain('store a is away');
  expect(clusters['one']).toBeGreaterThan(0);
});

test('each series goes to the cluster that its labels name, in their order', async () => {
  const at = WINDOW.from / 1_000 + 1;
  const of = (labels: object, value = '1') => ({ metric: { __name__: 'up', ...labels }, values: [[at, value]] });
  const result = [
    of({ cluster: 'a', cluster_id: 'b' }),
    of({ cluster_id: 'b' }),
    of({ job: 'x' }),
    of({ cluster: 'c' }, 'NaN'),
  ];
  const { clusters, refused } = await pullFrom((_, res, form) => {
    const isUp = (form.get('query') ?? '').includes('up|');
    sendJson(res, isUp ? { status: 'success', data: { resultType: 'matrix', result } } : EMPTY);
  });
  expect(clusters).toEqual({ a: 1, b: 1, null: 1 });
  expect(refused).toBe(1);
});

test('two replicas of one Prometheus are one series', async () => {
  const at = WINDOW.from / 1_000 + 1;
  const of = (replica: string, value: number) => ({ metric: { __name__: 'up', replica }, values: [[at + value, '1']] });
  const ids = new Set<bigint>();
  const upstream = await cannedUpstream((_, res) =>
    sendJson(res, { status: 'success', data: { resultType: 'matrix', result: [of('a', 1), of('b', 2)] } }),
  );
  try {
    const source = createPrometheusPull({ ...OPTIONS, url: upstream.url });
    for await (const { batches } of source.pull(WINDOW, new AbortController().signal)) {
      for (const { batch } of batches) for (const id of batch.points?.ids ?? []) ids.add(id);
    }
  } finally {
    await upstream.close();
  }
  expect(ids.size).toBe(1);
});
