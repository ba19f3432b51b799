import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { ROUTES } from '../../contracts/routes.ts';
import { registerAuth } from './auth.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 60, burst: 20 } } });
});
afterAll(() => server.close());

const withKey = (key: string) => ({ 'x-api-key': key });

describe('access', () => {
  const closed = ROUTES.filter((route) => route.scope !== undefined);

  test.each(closed.map((route) => [route.method, route.url, route.scope, route.orScope] as const))(
    '%s %s needs a key, and the scope %s',
    async (method, path, scope, orScope) => {
      const url = path.replace(/:(key_id|uuid)/, crypto.randomUUID());
      const bare = await server.app.inject({ method, url });
      expect([bare.statusCode, bare.json().error]).toEqual([401, 'api_key_missing']);

      const others = (['ingest', 'read', 'admin'] as const).filter((it) => it !== scope && it !== orScope);
      const key = await server.key(await server.tenant(), others);
      const poor = await server.app.inject({ method, url, headers: withKey(key) });
      expect([poor.statusCode, poor.json().error]).toEqual([403, 'scope_missing']);
      expect(poor.json()).toMatchObject({ scope });
    },
  );

  test('every route that is open says why', () => {
    const open = ROUTES.filter((route) => route.scope === undefined);
    expect(open.length).toBeGreaterThan(3);
    for (const route of open) expect(route.open?.length, route.url).toBeGreaterThan(20);
  });

  test('a key is taken in each of its header forms', async () => {
    const key = await server.key(await server.tenant(), ['read']);
    const f = async (headers: Record<string, string>, status: number) =>
      expect((await server.app.inject({ url: '/v1/clusters', headers })).statusCode, JSON.stringify(headers)).toBe(
        status,
      );
    await f({ 'x-api-key': key }, 200);
    await f({ authorization: `ApiKey ${key}` }, 200);
    await f({ authorization: `Bearer ${key}` }, 200);
    await f({ authorization: `Basic ${key}` }, 401);
    await f({ 'x-api-key': `${key}x` }, 401);
  });

  test('a refusal says the same to old clients and to new ones', async () => {
    const response = await server.app.inject({ url: '/v1/clusters', headers: withKey('nonsense') });
    expect(response.statusCode).toBe(401);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.headers['www-authenticate']).toContain('ApiKey');
    const body = response.json();
    expect(body).toMatchObject({
      type: 'urn:kubetally:problem:api_key_bad_format',
      status: 401,
      code: 'api_key_bad_format',
      error: 'api_key_bad_format',
      instance: `urn:uuid:${String(response.headers['x-request-id'])}`,
    });
    expect(body.message).toBe(body.detail);
  });
});

describe('rate', () => {
  test('a key that asks too often is told when to come back, and others are not held up', async () => {
    const key = await server.key(await server.tenant(), ['read']);
    const first = await server.app.inject({ url: '/v1/clusters', headers: withKey(key) });
    expect(first.headers).toMatchObject({ 'ratelimit-limit': '20', 'ratelimit-remaining': '19' });
    const rest = await Promise.all(
      Array.from({ length: 30 }, () => server.app.inject({ url: '/v1/clusters', headers: withKey(key) })),
    );
    const refused = rest.filter(({ statusCode }) => statusCode === 429);
    expect(refused.length).toBeGreaterThan(5);
    expect(refused[0]?.json()).toMatchObject({ code: 'rate_limited', error: 'rate limit exceeded' });
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThanOrEqual(1);

    const another = await server.key(await server.tenant(), ['read']);
    expect((await server.app.inject({ url: '/v1/clusters', headers: withKey(another) })).statusCode).toBe(200);
  });
});

test('a server with a route that declares no access does not start', () => {
  const app = Fastify();
  registerAuth(app, server.deps);
  const handler = () => 'secrets';
  expect(() => app.get('/forgotten', handler)).toThrow('GET /forgotten declares neither');
  expect(() => app.get('/silent', { config: { access: { open: '' } } }, handler)).toThrow('GET /silent');
  app.get('/told', { config: { access: { open: 'because' } } }, handler);
});
