import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectMcp } from '../../../test/support/mcp-client.ts';
import { containerSample, nodeSample } from '../../../test/support/samples.ts';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/clock.ts';

/** Two hours of two clusters: a shop in one, and in the other a namespace of the same name. */
const START = Date.UTC(2026, 2, 3, 9);
const WINDOW = `${new Date(START).toISOString()},${new Date(START + 2 * HOUR_MS).toISOString()}`;
const NANO = 1_000_000_000;
const ORIGIN = 'https://inspector.example.com';

let server: TestServer;
let keys: { all: string; east: string; stranger: string; ingest: string };

beforeAll(async () => {
  server = await startTestServer({
    http: { corsOrigins: [ORIGIN], rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } },
  });
  const tenant = await server.tenant();
  for (const name of ['east', 'west']) await fill(tenant, name);
  await server.roll();
  keys = {
    all: await server.key(tenant, ['read']),
    east: await server.key(tenant, ['read'], 'east'),
    stranger: await server.key(await server.tenant(), ['read']),
    ingest: await server.key(tenant, ['ingest']),
  };
});
afterAll(() => server.close());

async function fill(tenant: string, name: string): Promise<void> {
  const cluster = (await server.deps.clusters.resolve(tenant, name, START)).id;
  const times = Array.from({ length: 24 }, (_, index) => START + index * 5 * MINUTE_MS);
  const web = { controllerKind: 'Deployment', controller: 'web', cpuRequest: NANO, cpuUsage: NANO / 4 };
  await server.deps.intake.accept(
    { tenant, cluster },
    {
      source: 'agent',
      nodes: times.map((at) => nodeSample({ at, cpuCapacity: 4 * NANO, memoryCapacity: 2 ** 34, hourlyCost: '0.4' })),
      containers: times.flatMap((at) =>
        ['shop', 'a|b'].map((namespace) =>
          containerSample({ ...web, at, namespace, memoryRequest: 2 ** 30, memoryUsage: 2 ** 29 }),
        ),
      ),
    },
  );
}

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '0' } },
};
const listTools = { jsonrpc: '2.0', id: 2, method: 'tools/list' };

const post = (payload: object, headers: Record<string, string> = {}, key = keys.all) =>
  server.app.inject({ method: 'POST', url: '/mcp', payload, headers: { 'x-api-key': key, ...headers } });

describe('tools', () => {
  test('are told with what they take and give, and that they only read', async () => {
    await using mcp = await connectMcp(server.url, keys.all);
    const { tools } = await mcp.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['list_clusters', 'get_allocations', 'get_assets', 'get_trends', 'get_efficiency']),
    );
    for (const tool of tools) {
      expect(tool.annotations?.readOnlyHint, tool.name).toBe(true);
      expect(tool.description?.length, tool.name).toBeGreaterThan(100);
      expect(tool.inputSchema, tool.name).toMatchObject({ type: 'object', additionalProperties: false });
      expect(tool.outputSchema, tool.name).toMatchObject({ type: 'object' });
    }
    expect(mcp.client.getServerVersion()).toMatchObject({ name: 'kubetally' });
    expect(mcp.client.getInstructions()).toContain('unknown, not free');
  });

  test('each answer as their routes do, with coverage and currency, in words and as data', async () => {
    await using mcp = await connectMcp(server.url, keys.all);
    const f = async (name: string, args: Record<string, unknown>, url: string) => {
      const said = await mcp.call(name, { window: WINDOW, ...args });
      expect(said.isError, said.text).toBe(false);
      expect(said.text, name).toContain('USD. 4 of 4 cluster hours are known (100 %)');
      const query = new URLSearchParams({ window: WINDOW, ...args, limit: '25' }).toString();
      const route = await server.app.inject({ url: `${url}?${query}`, headers: { 'x-api-key': keys.all } });
      expect(route.statusCode, route.body).toBe(200);
      expect({ ...route.json(), note: null }, name).toEqual(said.structured);
      return said.text;
    };
    const shares = await f('get_allocations', { aggregate: 'cluster,namespace', idle: 'share' }, '/v1/allocations');
    expect(shares).toMatch(/\| east\/shop \| 0\.4000 \|/);
    expect(shares).toMatch(/\| east\/a\/b \|/); // its name would begin another column
    await f('get_assets', { aggregate: 'type' }, '/v1/assets');
    expect(await f('get_recommendations', { minObservedHours: '1' }, '/v1/recommendations')).toContain('1000 → 358');
    const efficient = await mcp.call('get_efficiency', { window: WINDOW });
    expect(efficient.text).toMatch(/\| shop\/deployment:web \| .* \| 25 % \|/);
    const why = await mcp.call('explain_cost', { window: WINDOW, cluster: 'east', namespace: 'shop', limit: 1 });
    expect(why.text).toMatch(/ × 3600 ÷ 14400 = /);
    expect(why.text).toContain('1 of 2 rows are shown');
    const trends = await mcp.call('get_trends', { window: WINDOW, step: '1h' });
    expect(trends.text).toMatch(/\| 2026-03-03T10:00:00.000Z \| 100 % \| 0\.8000 \|/);
    expect((await mcp.call('list_clusters')).text).toContain('| east |');
  });

  test('of more rows than a model can take in say what is not shown, and still give the total', async () => {
    await using mcp = await connectMcp(server.url, keys.all);
    const whole = { window: WINDOW, aggregate: 'namespace' };
    const all = await mcp.call('get_allocations', whole);
    const one = await mcp.call('get_allocations', { ...whole, limit: 1 });
    expect(one.text).toContain('1 of 3 rows are shown');
    expect(one.structured).toMatchObject({ total: Object(all.structured).total, note: expect.any(String) });
    const steps = await mcp.call('get_allocations', { window: '60d', step: '1h' });
    expect([steps.isError, steps.text]).toEqual([true, expect.stringContaining('ask for a longer step')]);
    expect((await mcp.call('get_trends', { window: '60d', step: '1h' })).isError).toBe(true);
  });

  test('take booleans and numbers as models write them', async () => {
    await using mcp = await connectMcp(server.url, keys.all);
    const args = { window: WINDOW, splitIdle: true, shareCost: 73, limit: '10' };
    expect((await mcp.call('get_allocations', args)).text).toContain('east/__idle__');
  });

  test('say what to change where they cannot answer', async () => {
    await using mcp = await connectMcp(server.url, keys.all);
    const f = async (name: string, args: Record<string, unknown>, ...says: string[]) => {
      const said = await mcp.call(name, args);
      expect(said.isError, said.text).toBe(true);
      for (const part of says) expect(said.text).toContain(part);
    };
    await f('get_allocations', { windw: '7d', limit: 0 }, 'windw: is not known here', 'limit: ');
    await f('get_allocations', { filter: 'namespace=shop' }, 'at character', 'invalid_request');
    await f('get_allocations', { aggregate: 'namespaces' }, 'namespace');
    await f('get_recommendations', { window: '90d' }, 'at most 62');
    await f('get_trends', { window: 'a while' }, 'lastmonth');
    await expect(mcp.call('drop_tables')).rejects.toThrow('there are list_clusters, get_allocations');
  });

  test('take whatever stands in an argument for data', async () => {
    await using mcp = await connectMcp(server.url, keys.all);
    const words = [`'; drop table container_hours; --`, '{tenant:UUID}', '") OR 1=1 --', '${7*7}', '\u202e', '../..'];
    for (const word of words) {
      const filter = `namespace:${JSON.stringify(word)}`;
      const said = await mcp.call('get_allocations', { window: WINDOW, filter, idle: 'hide' });
      if (!said.isError) expect(said.structured, word).toMatchObject({ total: { total: '0' } });
      await mcp.call('get_allocations', { window: WINDOW, aggregate: `label:${word}` });
    }
    expect((await mcp.call('get_allocations', { window: WINDOW })).text).toContain('shop');
  });
});

test('parameters that cannot be read are an error of who sent them, which says where', async () => {
  const f = async (method: string, params: object | undefined, where: string) => {
    const response = await post({ jsonrpc: '2.0', id: 7, method, ...(params ? { params } : {}) });
    expect([response.statusCode, response.json()], method).toEqual([
      200,
      { jsonrpc: '2.0', id: 7, error: { code: -32_602, message: expect.stringContaining(`${method}: ${where}`) } },
    ]);
  };
  await f('tools/call', undefined, 'params: ');
  await f('tools/call', { name: 5 }, 'params.name: ');
  await f('tools/call', { name: 'get_allocations', arguments: 'all' }, 'params.arguments: ');
  await f('tools/list', { cursor: 5 }, 'params.cursor: ');
  await f('initialize', undefined, 'params: ');
});

describe('who may ask', () => {
  test('nobody without a key that may read', async () => {
    const bare = await server.app.inject({ method: 'POST', url: '/mcp', payload: listTools });
    expect([bare.statusCode, bare.json().code]).toEqual([401, 'api_key_missing']);
    expect((await post(listTools, {}, keys.ingest)).statusCode).toBe(403);
    await expect(connectMcp(server.url, 'nonsense')).rejects.toThrow();
    await expect(connectMcp(server.url, `${keys.all}x`)).rejects.toThrow();
  });

  test('another tenant sees nothing, and a key of one cluster that cluster', async () => {
    await using stranger = await connectMcp(server.url, keys.stranger);
    expect((await stranger.call('list_clusters')).structured).toMatchObject({ clusters: [] });
    for (const name of ['get_allocations', 'get_assets', 'get_efficiency', 'get_recommendations', 'explain_cost']) {
      const { text } = await stranger.call(name, { window: WINDOW, filter: 'cluster:"east"' });
      expect(text.replace('cluster:"east"', ''), name).not.toMatch(/east|shop/);
    }
    await using east = await connectMcp(server.url, keys.east);
    const { text } = await east.call('get_allocations', { window: WINDOW, aggregate: 'cluster' });
    expect(text).toContain('| east |');
    expect(text).not.toContain('west');
  });

  test('no page of another site, whatever name led it here', async () => {
    const f = async (origin: string, status: number) =>
      expect((await post(listTools, { origin })).statusCode, origin).toBe(status);
    await f(ORIGIN, 200);
    await f('https://evil.example.com', 403);
    await f(server.url, 403); // a name may be made to lead here
    await f('null', 403);
  });

  test('calls count against the rate of their key', async () => {
    await using slow = await closing(startTestServer({ http: { rateLimit: { perKeyPerMinute: 60, burst: 3 } } }));
    const key = await slow.server.key(await slow.server.tenant(), ['read']);
    const send = () =>
      slow.server.app.inject({ method: 'POST', url: '/mcp', payload: listTools, headers: { 'x-api-key': key } });
    const statuses = (await Promise.all([send(), send(), send(), send(), send()])).map((one) => one.statusCode);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  });
});

describe('the protocol', () => {
  test('is spoken in its versions, and others are refused', async () => {
    const f = async (version: string, status: number) =>
      expect((await post(listTools, { 'mcp-protocol-version': version })).statusCode, version).toBe(status);
    await f('2025-11-25', 200);
    await f('2025-06-18', 200);
    await f('2025-03-26', 200);
    await f('1900-01-01', 400);
    await f('not-a-version', 400);
    const reply = await post(initialize);
    expect(reply.json()).toMatchObject({ id: 1, result: { protocolVersion: '2025-06-18' } });
    expect(reply.headers['mcp-session-id']).toBeUndefined();
    expect(reply.headers['content-type']).toContain('application/json');
  });

  test('has no stream to get and no session to delete', async () => {
    for (const method of ['GET', 'DELETE'] as const) {
      const response = await server.app.inject({ method, url: '/mcp', headers: { accept: 'text/event-stream' } });
      expect([response.statusCode, response.headers.allow], method).toEqual([405, 'POST, OPTIONS']);
    }
  });

  test('answers a notification with nothing, and what is no message with a reason', async () => {
    const noted = await post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([noted.statusCode, noted.body]).toEqual([202, '']);
    const f = async (body: object, status: number, code: number) => {
      const response = await post(body);
      expect([response.statusCode, response.json().error.code], JSON.stringify(body)).toEqual([status, code]);
    };
    await f([listTools, listTools], 400, -32_600);
    await f([], 400, -32_600);
    await f({}, 400, -32_700);
    await f({ jsonrpc: '1.0', id: 1, method: 'ping' }, 400, -32_700);
    await f({ jsonrpc: '2.0', id: 1, method: 'resources/list' }, 200, -32_601);
  });

  test('a body past its limit is refused as on every route', async () => {
    const huge = { ...listTools, params: { _meta: { filler: 'x'.repeat(server.deps.settings.http.bodyBytesMax) } } };
    expect((await post(huge)).statusCode).toBe(413);
  });
});

test('a caller who leaves ends the work', async () => {
  const asked = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const allocations = {
    sets: (_question: unknown, signal?: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          stopped.resolve();
          reject(new Error('stopped'));
        });
        asked.resolve();
      }),
  };
  await using slow = await closing(startTestServer({ deps: { allocations } }));
  const leaving = new AbortController();
  const call = fetch(`${slow.server.url}/mcp`, {
    method: 'POST',
    signal: leaving.signal,
    headers: {
      'content-type': 'application/json',
      'x-api-key': await slow.server.key(await slow.server.tenant(), ['read']),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_allocations' } }),
  });
  await asked.promise;
  leaving.abort();
  await expect(call).rejects.toThrow('aborted');
  await stopped.promise;
});

test('a failure of ours is told without what it was', async () => {
  const allocations = {
    sets: async () => {
      throw new TypeError('S3CRET internals');
    },
  };
  await using broken = await closing(startTestServer({ deps: { allocations } }));
  await using mcp = await connectMcp(
    broken.server.url,
    await broken.server.key(await broken.server.tenant(), ['read']),
  );
  const { isError, text } = await mcp.call('get_allocations');
  expect([isError, text]).toEqual([true, expect.stringContaining('internal')]);
  expect(text).not.toContain('S3CRET');
});

async function closing(starting: Promise<TestServer>) {
  const started = await starting;
  return { server: started, [Symbol.asyncDispose]: () => started.close() };
}
