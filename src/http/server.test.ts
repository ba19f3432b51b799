import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { AppError } from '../lib/errors.ts';

let server: TestServer;
let reader: string;

beforeAll(async () => {
  const failing = async () => {
    throw new TypeError('S3CRET internals');
  };
  const full = async () => {
    throw new AppError('store_unavailable', 'the engine is away', { retryAfterSeconds: 7 });
  };
  const waiting = (_scope: unknown, _page: unknown, signal?: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  server = await startTestServer({
    http: { corsOrigins: ['https://grafana.example.com'], requestTimeoutMs: 1_000 },
    deps: { costs: { namespaces: failing, clusters: full, utilization: waiting, trends: failing } },
  });
  reader = await server.key(await server.tenant(), ['read']);
});
afterAll(() => server.close());

const get = (url: string, headers: Record<string, string> = {}) =>
  server.app.inject({ url, headers: { 'x-api-key': reader, ...headers } });

describe('what goes wrong', () => {
  test('a defect of ours is a 500 that gives nothing away', async () => {
    const response = await get('/v1/costs/namespaces');
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('S3CRET');
    expect(response.json()).toMatchObject({ code: 'internal', error: 'internal', status: 500 });
  });

  test('a store that is away is a 503 that says when to come back', async () => {
    const response = await get('/v1/costs/clusters');
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '7']);
    expect(response.json()).toMatchObject({ code: 'store_unavailable', detail: 'the engine is away' });
  });

  test('a question that takes too long is given up, and its work is told to stop', async () => {
    const response = await get('/v1/costs/utilization');
    expect(response.statusCode).toBe(504);
    expect(response.json()).toMatchObject({ code: 'query_timeout' });
  });

  test('all that is wrong with a request is told at once, each with its field', async () => {
    const response = await get('/v1/costs/namespaces?limit=0&offset=x&nmaespace=a&end_time=yesterday');
    expect(response.statusCode).toBe(400);
    const fields = response.json().errors.map(({ field }: { field: string }) => field);
    expect(fields.sort()).toEqual(['end_time', 'limit', 'nmaespace', 'offset']);
    expect(response.json().errors).toContainEqual({ field: 'nmaespace', message: 'is not known here', in: 'query' });
  });

  test('a parameter that is given twice is refused', async () => {
    expect((await get('/v1/costs/namespaces?namespace=a&namespace=b')).statusCode).toBe(400);
  });
});

describe('paths and methods', () => {
  test('an unknown path is 404, a known one with another method is 405 and says what it takes', async () => {
    const f = async (method: 'GET' | 'POST' | 'PUT' | 'OPTIONS', url: string, status: number, allow?: string) => {
      const response = await server.app.inject({ method, url });
      expect([response.statusCode, response.headers.allow], `${method} ${url}`).toEqual([status, allow]);
      if (status >= 400) expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    };
    await f('GET', '/v1/nothing', 404);
    await f('POST', '/v2/nothing', 404);
    await f('GET', '/v1/ingest', 405, 'POST, OPTIONS');
    await f('PUT', '/metrics', 405, 'GET, HEAD, POST, OPTIONS');
    await f('PUT', '/v1/admin/api_keys/x', 405, 'DELETE, OPTIONS');
    await f('OPTIONS', '/v1/ingest', 204, 'POST, OPTIONS');
    await f('OPTIONS', '/v1/nothing', 404);
    await f('GET', '/v1/admin/api_keys/%ff', 400);
    await f('GET', '/%', 400);
    await f('GET', `/v1/admin/api_keys/${'x'.repeat(3_000)}`, 405, 'DELETE, OPTIONS');
    await f('GET', `/v1/${'x'.repeat(3_000)}`, 404);
  });

  test('HEAD tells what GET would, without a body', async () => {
    const response = await server.app.inject({ method: 'HEAD', url: '/livez' });
    expect([response.statusCode, response.body]).toEqual([200, '']);
    expect((await server.app.inject({ method: 'HEAD', url: '/v1/clusters' })).statusCode).toBe(401);
  });
});

describe('what is not HTTP enough', () => {
  const raw = async (text: string): Promise<string> => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.write(text);
    await once(socket, 'close');
    return answer;
  };

  test('a request that cannot be read is answered as a problem, and the connection ends', async () => {
    const f = async (text: string, status: number, code: string, words = '') => {
      const answer = await raw(text);
      expect(answer.split('\r\n', 1)[0], text.slice(0, 60)).toContain(`HTTP/1.1 ${status} `);
      expect(answer).toContain('Content-Type: application/problem+json');
      expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
        status,
        code,
        detail: expect.stringContaining(words),
      });
    };
    await f('nonsense\r\n\r\n', 400, 'invalid_request');
    await f('POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400, 'invalid_request');
    await f(
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
      'at most 16384 bytes',
    );
    await f(`GET /${'y'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431, 'headers_too_large', 'at most 16384 bytes');
  });

  test('a request that trickles in is given up after its time, and not half a minute later', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const startedAt = performance.now();
    socket.write('POST /metrics HTTP/1.1\r\nHost: a\r\n');
    const [answer] = await once(socket, 'data');
    socket.destroy();
    expect(String(answer)).toContain('HTTP/1.1 408 ');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('browsers', () => {
  test('only the origins of the configuration may call', async () => {
    const preflight = (origin: string) =>
      server.app.inject({
        method: 'OPTIONS',
        url: '/v1/costs/namespaces',
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-api-key' },
      });
    const friend = await preflight('https://grafana.example.com');
    expect(friend.statusCode).toBe(204);
    expect(friend.headers['access-control-allow-origin']).toBe('https://grafana.example.com');
    expect(friend.headers['access-control-allow-headers']).toContain('x-api-key');
    const stranger = await preflight('https://elsewhere.example.com');
    expect(stranger.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('no page may run scripts of others, or frame ours', async () => {
    const { headers } = await server.app.inject({ url: '/' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test('what is large is compressed for whoever takes it, and answers to keys are not stored', async () => {
    const small = await get('/v1/clusters', { 'accept-encoding': 'gzip' });
    expect(small.headers['content-encoding']).toBeUndefined();
    expect(small.headers['cache-control']).toBe('no-store');
    const large = await get('/openapi.json', { 'accept-encoding': 'gzip' });
    expect(large.headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(large.rawPayload).toString())).toMatchObject({ openapi: '3.1.0' });
  });
});

test('requests are counted by route and status, never by URL', async () => {
  await get('/v1/nothing/of/the/sort');
  const { body, headers } = await server.app.inject({ url: '/metrics' });
  expect(headers['content-type']).toMatch(/^text\/plain/);
  expect(body).toMatch(
    /kubetally_http_requests_total\{route="\/v1\/costs\/namespaces",method="GET",status="500"\} \d+/,
  );
  expect(body).toMatch(/kubetally_http_requests_total\{route="unknown",method="GET",status="404"\} \d+/);
  expect(body).not.toContain('of/the/sort');
});
