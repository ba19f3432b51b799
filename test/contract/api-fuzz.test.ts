import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEM_MEDIA_TYPE, Problem } from '../../src/contracts/problem.ts';
import type { RouteContract } from '../../src/contracts/route.ts';
import { ROUTES } from '../../src/contracts/routes.ts';
import { packKoku } from '../../src/sim/koku-report.ts';
import { contractValue, hostileValue } from '../support/schema-arbitrary.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/**
 * Whatever anybody sends: an answer that its contract describes, or a refusal that says why; never a failure of ours,
 * never another tenant's data.
 */
const RUNS = 80;
/** In the name of everything that the victim owns. */
const CANARY = 'canary-7f3c';

let server: TestServer;
let attacker: string;
let victim: { tenant: string; keyId: string };
/** Ids that mean something to the server: tenants, and keys of the attacker's and of the victim. */
const ids: string[] = [];
const answered = new Map<RouteContract, Set<'taken' | 'refused'>>();

beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } } });
  const own = await server.tenant();
  attacker = await server.key(own, ['ingest', 'read', 'admin']);
  for (let i = 0; i < 20; i += 1) ids.push(own, keyIdOf(await server.key(own, ['read'])));
  const tenant = await server.tenant();
  const key = await server.key(tenant, ['ingest', 'read', 'admin']);
  victim = { tenant, keyId: keyIdOf(key) };
  ids.push(victim.tenant, victim.keyId);
  const rates = Object.fromEntries(
    ['cpu_core_hour', 'ram_gib_hour', 'gpu_hour', 'spot_cpu_core_hour', 'spot_ram_gib_hour', 'storage_gib_hour'].map(
      (name) => [name, '1'],
    ),
  );
  const post = async (url: string, payload: object, by = key) => {
    const { statusCode } = await server.app.inject({ method: 'POST', url, payload, headers: { 'x-api-key': by } });
    expect(statusCode, url).toBeLessThan(300);
  };
  const pod = { namespace: CANARY, pod_name: CANARY, node_name: CANARY, cpu_usage_millicores: 100 };
  const node = { node_name: CANARY, cpu_capacity: 4_000, memory_capacity: 2 ** 33, hourly_cost_usd: 1 };
  for (const age of [7_200, 7_000, 5_400, 3_600]) {
    const timestamp = Math.floor(Date.now() / 1_000) - age;
    await post('/v1/ingest', { cluster_name: CANARY, timestamp, pod_metrics: [pod], node_metrics: [node] });
  }
  await server.roll();
  const seen = await server.app.inject({ url: '/v1/costs/utilization', headers: { 'x-api-key': key } });
  expect(seen.json().metrics).toContainEqual(expect.objectContaining({ pod_name: CANARY }));
  for (const [name, by] of [
    ['attacker', attacker],
    [CANARY, key],
  ] as const) {
    ids.push(await upload(name, by));
  }
  await post('/v1/prices', { effective_from: '2026-01-01T00:00:00Z', rates, note: CANARY });
  await post('/v1/currencies/EUR', { rates: [{ effective_on: '2026-01-31', per_usd: '0.9' }] }, attacker);
  await post('/v1/admin/api_keys', { name: CANARY, scopes: ['read'], cluster_name: CANARY });
});
afterAll(() => server.close());

/** An upload of one row, whose file and cluster are called `name`; its uuid. */
async function upload(name: string, key: string): Promise<string> {
  const uuid = randomUUID();
  const start = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000).toISOString();
  const csv = `interval_start,namespace,namespace_labels\n${start},${name},\n`;
  const file = await packKoku({ uuid, cluster_id: name, files: [name] }, new Map([[name, csv]]));
  const body = new FormData();
  body.set('file', new Blob([Uint8Array.from(file)]), 'payload.tar.gz');
  const sent = { method: 'POST', body, headers: { 'x-api-key': key } };
  expect((await fetch(`${server.url}/api/ingress/v1/upload`, sent)).status).toBe(202);
  return uuid;
}

function keyIdOf(key: string): string {
  return key.split(':', 1)[0] ?? '';
}

const odd = fc.string({ maxLength: 30 }).map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ''));
const hostileHeaders = fc.record(
  {
    accept: odd,
    'accept-encoding': fc.constantFrom('gzip', 'br;q=1', '*', 'identity;q=0'),
    'content-type': fc.constantFrom('application/json', 'application/json; charset=latin1', 'text/plain', ';'),
    'content-encoding': fc.constantFrom('identity', 'gzip', 'br', 'chunked'),
    origin: odd,
    'x-forwarded-for': odd,
    'x-http-method-override': fc.constantFrom('DELETE', 'POST'),
    cookie: odd,
  },
  { requiredKeys: [] },
);

/** Most requests are sent with the headers an honest client has. */
const headersOf = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: hostileHeaders });

function requestOf(route: RouteContract) {
  const query = route.query ? contractValue(route.query, ids) : fc.option(hostileValue, { nil: {}, freq: 2 });
  const params = route.params ? contractValue(route.params, ids) : fc.constant({});
  const body = route.body ?? route.sourceBody;
  return fc.record({
    query: query.map(queryText),
    path: params.map((values) => pathOf(route.url, values)),
    headers: headersOf,
    body: body ? contractValue(body, ids).map((value) => JSON.stringify(value) ?? '') : fc.constant(undefined),
  });
}

type FuzzedRequest = ReturnType<typeof requestOf> extends fc.Arbitrary<infer R> ? R : never;

function queryText(values: unknown): string {
  if (typeof values !== 'object' || values === null) return String(values).replaceAll(/[^\x21-\x7e]/g, '%00');
  return Object.entries(values)
    .map(
      ([name, value]) =>
        `${encoded(name)}=${encoded(typeof value === 'object' ? JSON.stringify(value) : String(value))}`,
    )
    .join('&');
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function pathOf(url: string, values: unknown): string {
  const known = Object(values);
  return url.replaceAll(/:(\w+)/g, (_match, name: string) => encoded(String(known[name] ?? 'x')).slice(0, 500) || 'x');
}

async function send(route: RouteContract, request: FuzzedRequest, key: string | null) {
  const { path, query, headers, body } = request;
  const sent = {
    method: route.method,
    url: query === '' ? path : `${path}?${query}`,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      ...(key === null ? {} : { 'x-api-key': key }),
    },
  };
  const response = await server.app.inject(body === undefined ? sent : { ...sent, payload: body });
  const packed = response.headers['content-encoding'] === 'gzip';
  const text = packed ? gunzipSync(response.rawPayload).toString() : response.body;
  const story = `${route.method} ${sent.url} ${body ?? ''} → ${response.statusCode} ${text.slice(0, 300)}`;
  return { response, text, story };
}

describe.each(ROUTES.map((route) => [`${route.method} ${route.url}`, route] as const))('%s', (_name, route) => {
  test('answers as its contract says or refuses with a reason, whatever is sent', async () => {
    const kinds = new Set<'taken' | 'refused'>();
    answered.set(route, kinds);
    const key = route.scope === 'operator' ? server.operator : attacker;
    await fc.assert(
      fc.asyncProperty(requestOf(route), async (request) => {
        const { response, text, story } = await send(route, request, key);
        kinds.add(response.statusCode < 400 ? 'taken' : 'refused');
        expect(response.statusCode, story).toBeLessThan(500);
        if (response.statusCode >= 400) {
          refusedAs(route, response.headers['content-type'], text)(response.statusCode, story);
        } else {
          expect(takenStatuses(route), story).toContain(response.statusCode);
          if (!isOtherFormat(route, response.headers['content-type'])) {
            route.reply.parse(route.produces === undefined && text !== '' ? JSON.parse(text) : text);
          }
        }
        expect(text.includes(CANARY) && !story.slice(0, story.indexOf('→')).includes(CANARY), story).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });

  test.runIf(route.scope !== undefined)('is closed to whoever has no key', async () => {
    await fc.assert(
      fc.asyncProperty(requestOf(route), fc.option(odd), async (request, key) => {
        const { response, story } = await send(route, request, key);
        expect(response.statusCode, story).toBe(401);
      }),
      { numRuns: RUNS / 4 },
    );
  });
});

/** One that a caller asked for, instead of the one that the contract describes. */
function isOtherFormat({ alsoProduces = [] }: RouteContract, mediaType = ''): boolean {
  return alsoProduces.some((one) => mediaType.startsWith(one));
}

function takenStatuses({ status = 200, otherStatuses = {} }: RouteContract): number[] {
  return [status, ...Object.keys(otherStatuses).map(Number)];
}

/** Problem JSON, or the shape that a compatible surface's contract says it has for that status. */
function refusedAs(route: RouteContract, mediaType: string | undefined, text: string) {
  return (status: number, story: string) => {
    const isOwn = mediaType?.startsWith('application/json') === true && route.otherStatuses?.[status] !== undefined;
    if (isOwn) return route.reply.parse(JSON.parse(text));
    expect(mediaType, story).toContain(PROBLEM_MEDIA_TYPE);
    return expect(Problem.parse(JSON.parse(text)).status, story).toBe(status);
  };
}

test('another tenant’s keys, clusters and prices cannot be reached by naming them', async () => {
  const f = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) => {
    const request = { method, url, headers: { 'x-api-key': attacker } };
    const response = await server.app.inject(payload === undefined ? request : { ...request, payload });
    expect(response.body.includes(CANARY) && !url.includes(CANARY), url).toBe(false);
    return response.statusCode;
  };
  expect(await f('DELETE', `/v1/admin/api_keys/${victim.keyId}`)).toBe(404);
  expect(await f('DELETE', `/v1/admin/api_keys/${victim.keyId}?tenant_id=${victim.tenant}`)).toBe(403);
  expect(await f('POST', `/v1/admin/api_keys/${victim.keyId}/rotate`)).toBe(404);
  expect(await f('GET', `/v1/admin/api_keys?tenant_id=${victim.tenant}`)).toBe(403);
  expect(await f('GET', `/v1/admin/api_keys?before=${victim.keyId}`)).toBe(200);
  for (const question of ['namespaces', 'clusters', 'utilization', 'trends']) {
    expect(await f('GET', `/v1/costs/${question}?cluster=${CANARY}`)).toBe(404);
    expect(await f('GET', `/v1/costs/${question}`)).toBe(200);
  }
  expect(await f('GET', '/v1/clusters')).toBe(200);
  expect(await f('GET', '/v1/prices')).toBe(200);
  expect(await f('GET', '/v1/admin/tenants')).toBe(200);
});

test('the requests above were neither all refused nor all taken', () => {
  const readable = ROUTES.filter(({ consumes }) => consumes === undefined); // the others want what is not JSON
  const both = [...answered.values()].filter((kinds) => kinds.size === 2);
  const taken = [...answered.values()].filter((kinds) => kinds.has('taken'));
  expect(taken.length).toBeGreaterThan(readable.length - 8);
  expect(both.length).toBeGreaterThan(readable.length / 2);
});
