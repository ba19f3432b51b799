import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/lib/clock.ts';
import type { TestServer } from '../support/server.ts';
import { startTestServer } from '../support/server.ts';

/** What every way to ask about allocations does with what it cannot read, and with what somebody wants it to run. */
const CANARY = 'canary-51aa';
const NATIVE = [
  '/v1/allocations',
  '/v1/allocations.csv',
  '/v1/allocations/summary',
  '/v1/allocations/timeseries',
  '/v1/allocations/explain',
];
const OPENCOST = [
  '/allocation',
  '/allocation/compute',
  '/allocation/summary',
  '/allocation/compute/summary',
  '/model/allocation',
  '/model/allocation/compute',
  '/model/allocation/summary',
  '/model/allocation/compute/summary',
];
const TIMEOUT_MS = 180_000;

let server: TestServer;
let key: string;
/** A window of the last two hours, over which there is something of the asker and of somebody else. */
const window = `window=${new Date(Date.now() - 4 * HOUR_MS).toISOString()},${new Date(Date.now() + HOUR_MS).toISOString()}`;

beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } } });
  key = await server.key(await server.tenant(), ['ingest', 'read']);
  const victim = await server.key(await server.tenant(), ['ingest', 'read']);
  for (const [by, name] of [
    [key, 'own'],
    [victim, CANARY],
  ] as const) {
    for (const age of [7_200, 7_000, 5_400, 3_600]) {
      const payload = {
        cluster_name: name,
        timestamp: Math.floor(Date.now() / 1_000) - age,
        pod_metrics: [{ namespace: name, pod_name: name, node_name: name, cpu_usage_millicores: 100 }],
        node_metrics: [{ node_name: name, cpu_capacity: 4_000, memory_capacity: 2 ** 33, hourly_cost_usd: 1 }],
      };
      const posted = await server.app.inject({
        method: 'POST',
        url: '/v1/ingest',
        payload,
        headers: { 'x-api-key': by },
      });
      expect(posted.statusCode).toBeLessThan(300);
    }
  }
  await server.roll();
});
afterAll(() => server.close());

async function ask(route: string, query: string) {
  const response = await server.app.inject({ url: `${route}?${query}`, headers: { 'x-api-key': key } });
  return { status: response.statusCode, text: response.body };
}

interface Refusal {
  readonly query: string;
  readonly words: readonly string[];
  /** Routes that have no such parameter. */
  readonly but?: readonly string[];
}

/** Of both surfaces. */
const REFUSALS: readonly Refusal[] = [
  { query: 'window=bogus', words: ['window', 'it can be today, yesterday'] },
  { query: 'window=2026-01-02,2026-01-01', words: ['window', 'is reversed'] },
  { query: 'window=2026-01-01,2026-01-01', words: ['window', 'has no length'] },
  { query: 'window=2000d', words: ['window', 'at most 1830'] },
  { query: 'window=1960-01-01,1960-01-02', words: ['window', 'outside of the years 1970 to 2199'] },
  { query: `${window}&filter=namespace`, words: ['at character', 'expected'] },
  { query: `${window}&filter=namespace:`, words: ['at character 11'] },
  { query: `${window}&filter=nmespace:"a"`, words: ['at character 1', 'namespace'] },
  { query: `${window}&filter=namespace:"a"%2Bpod:"b"|node:"c"`, words: ['at character', 'parentheses'] },
  { query: `${window}&filter=${'('.repeat(40)}`, words: ['at character'] },
];
/** But for explanations, which are not cut. */
const OF_CUTS: readonly Refusal[] = [
  { query: `${window}&aggregate=nmespace`, words: ['there are cluster, node, namespace', 'did you mean namespace'] },
  { query: `${window}&aggregate=label:`, words: ['there is no key'] },
  { query: `${window}&aggregate=${Array.from({ length: 17 }, () => 'pod').join(',')}`, words: ['at most 16'] },
  { query: `${window}&step=90m`, words: ['whole hours'] },
  { query: `${window}&step=-1h`, words: ['whole hours'] },
  { query: 'window=1800d&step=1h', words: ['more than 2400 sets'] },
  { query: `${window}&accumulate=fortnight`, words: ['accumulate', 'quarter'] },
  { query: `${window}&shareLabels=app`, words: ['shareLabels', 'expected name:value'] },
  { query: `${window}&shareCost=-1`, words: ['shareCost'] },
  { query: `${window}&costMetric=weekly`, words: ['costMetric', 'cumulative'] },
  { query: `${window}&shareSplit=odd`, words: ['shareSplit', 'weighted'] },
  {
    query: `${window}&shareNamespaces=${Array.from({ length: 101 }, (_, i) => `n${i}`).join(',')}`,
    words: ['at most 100'],
  },
];
const OF_NATIVE: readonly Refusal[] = [
  { query: `${window}&nosuch=1`, words: ['nosuch', 'is not known here'] },
  { query: `${window}&zone=Mars/Olympus`, words: ['time zone'] },
  { query: 'window=7d&window=8d', words: ['window'] },
];

const cases = (routes: readonly string[], refusals: readonly Refusal[]) =>
  routes.flatMap((route) => refusals.map((refusal) => ({ route, ...refusal })));

test.each([
  ...cases(NATIVE, [...REFUSALS, ...OF_NATIVE]),
  ...cases(
    NATIVE.filter((route) => !route.endsWith('explain')),
    OF_CUTS,
  ),
])('$route?$query is refused, and the refusal says why', async ({ route, query, words }) => {
  const { status, text } = await ask(route, query);
  expect(status).toBe(400);
  expect(JSON.parse(text)).toMatchObject({ status: 400, code: expect.any(String) });
  for (const word of words) expect(text).toContain(word);
});

test.each(cases(OPENCOST, [...REFUSALS, ...OF_CUTS]))(
  '$route?$query is refused in their shape, and the refusal says why',
  async ({ route, query, words }) => {
    const { status, text } = await ask(route, query);
    expect(status).toBe(400);
    const body = JSON.parse(text);
    expect(body).toMatchObject({ code: 400, status: 'error', data: null });
    for (const word of words) expect(body.message).toContain(word);
  },
);

test.each(OPENCOST)('%s looks at nothing that it does not know', async (route) => {
  const [plain, more] = [await ask(route, window), await ask(route, `${window}&nosuch=1&resolution=1m&__proto__=x`)];
  expect(plain.status).toBe(200);
  expect(more).toMatchObject({ status: 200 });
});

const INJECTIONS = [
  `'; DROP TABLE container_hours; --`,
  `' OR 1=1 --`,
  `{tenant:UUID}`,
  `\\') OR tenant != {tenant:UUID} OR ('`,
  `") UNION ALL SELECT * FROM container_hours --`,
  `{{leaves}}`,
  `$&$1\u0000\u202e`,
];
/** Where a text may stand, and the text around it. */
const PLACES: Readonly<Record<string, (text: string) => string>> = {
  filter: (text) => `filter=${encodeURIComponent(`namespace:"${text.replaceAll(/["\\]/g, '')}"`)}`,
  'filter of a label': (text) => `filter=${encodeURIComponent(`label[${text.replaceAll(/[\]\\]/g, '')}]:"x"`)}`,
  'whole filter': (text) => `filter=${encodeURIComponent(text)}`,
  aggregate: (text) => `aggregate=${encodeURIComponent(`label:${text}`)}`,
  'whole aggregate': (text) => `aggregate=${encodeURIComponent(text)}`,
  shareNamespaces: (text) => `shareNamespaces=${encodeURIComponent(text)}`,
  shareLabels: (text) => `shareLabels=${encodeURIComponent(`${text}:${text}`)}`,
  step: (text) => `step=${encodeURIComponent(text)}`,
  accumulate: (text) => `accumulate=${encodeURIComponent(text)}`,
  zone: (text) => `zone=${encodeURIComponent(text)}`,
  costMetric: (text) => `costMetric=${encodeURIComponent(text)}`,
  sort: (text) => `sort=${encodeURIComponent(text)}`,
  limit: (text) => `limit=${encodeURIComponent(text)}`,
  pod: (text) => `pod=${encodeURIComponent(text)}`,
  cluster: (text) => `cluster=${encodeURIComponent(text)}`,
  filterNamespaces: (text) => `filterNamespaces=${encodeURIComponent(text)}`,
  filterLabels: (text) => `filterLabels=${encodeURIComponent(`${text}:${text}`)}`,
};

describe('what is meant to run as SQL is a text like any other', () => {
  test.each([...NATIVE, '/allocation', '/model/allocation/summary'])(
    '%s',
    async (route) => {
      for (const [place, queryOf] of Object.entries(PLACES)) {
        for (const text of INJECTIONS) {
          const { status, text: body } = await ask(route, `${window}&${queryOf(text)}`);
          expect([200, 400], `${place}: ${text}: ${body.slice(0, 300)}`).toContain(status);
          expect(body, place).not.toContain(CANARY);
        }
      }
      const { status, text } = await ask(
        '/v1/allocations',
        `${window}&filter=${encodeURIComponent('namespace:"own"')}&idle=hide`,
      );
      expect(status).toBe(200);
      expect(JSON.parse(text).total.total).not.toBe('0');
    },
    TIMEOUT_MS,
  );
});
