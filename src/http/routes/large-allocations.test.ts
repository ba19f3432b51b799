import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { NO_AMOUNTS, NO_TRAFFIC } from '../../core/allocation/amounts.ts';
import { NO_COSTS, NO_IDLE } from '../../core/allocation/costs.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { AppError, type ErrorCode } from '../../lib/errors.ts';
import { parseMoney, ZERO } from '../../lib/money.ts';
import type { AllocationQuestion, AllocationRow, AllocationSet } from '../../queries/allocations.ts';

const NOW = Date.UTC(2026, 5, 15, 12, 30);
const SETS = 'window=2026-06-10,2026-06-13&step=1d';
let server: TestServer;
let key: string;
interface Telling {
  /** Whether sets are told as they are found, and how often they were. */
  isBySet: boolean;
  times: number;
  /** What it fails with before the first set is found, and what happens before the second. */
  failure: ErrorCode | undefined;
  between: (signal: AbortSignal | undefined) => Promise<void>;
}

const nothing = () => Promise.resolve();
const telling: Telling = { isBySet: false, times: 0, failure: undefined, between: nothing };

const row = (pod: string, cpu: string): AllocationRow => ({
  kind: 'allocation',
  values: [pod],
  common: { cluster: '', namespace: '', controllerKind: '', controller: '' },
  labels: {},
  start: NOW - HOUR_MS,
  end: NOW,
  amounts: { ...NO_AMOUNTS, cpuCoreSeconds: 3_600 },
  costs: { ...NO_COSTS, cpu: parseMoney(cpu) },
  adjustments: NO_COSTS,
  traffic: NO_TRAFFIC,
  idle: NO_IDLE,
  shared: ZERO,
});

const setsOf = ({ sets }: AllocationQuestion): AllocationSet[] =>
  sets.map((window, index) => ({
    window,
    rows: [row(`pod-${index}`, `0.${index + 1}`), row('web', '0.000000000001')],
  }));

const told = { coverage: { hours_asked: 4, hours_covered: 3, ratio: 0.75, clusters: [] }, currency: 'USD' };

beforeAll(async () => {
  const allocations = {
    sets: async (question: AllocationQuestion) => ({ sets: setsOf(question), ...told }),
    async setBySet(question: AllocationQuestion, signal?: AbortSignal) {
      if (!telling.isBySet) return undefined;
      telling.times += 1;
      if (telling.failure) throw new AppError(telling.failure, 'it is too much');
      const sets = async function* () {
        const [first, ...others] = setsOf(question);
        if (first) yield first;
        await telling.between(signal);
        yield* others;
      };
      return { sets: sets(), ...told };
    },
  };
  server = await startTestServer({ deps: { allocations, clock: { now: () => NOW } } });
  key = await server.key(await server.tenant(), ['read']);
});
afterAll(() => server.close());
beforeEach(() => {
  Object.assign(telling, { isBySet: true, times: 0, failure: undefined, between: nothing });
});

const get = (url: string, headers = {}) => server.app.inject({ url, headers: { 'x-api-key': key, ...headers } });

test.each([
  `/allocation?${SETS}`,
  `/allocation?${SETS}&costMetric=hourly&limit=1`,
  `/allocation?${SETS}&format=csv`,
  `/allocation/summary?${SETS}`,
  `/model/allocation?${SETS}`,
  `/v1/allocations?${SETS}&aggregate=pod`,
  `/v1/allocations?${SETS}&aggregate=pod&costMetric=monthly&sort=name&limit=1`,
  `/v1/allocations?${SETS}&aggregate=pod&format=csv`,
  `/v1/allocations?${SETS}&aggregate=pod&format=arrow`,
  `/v1/allocations/summary?${SETS}&aggregate=pod`,
])('sets that are told as they are found make the same bytes, under the same tag: %s', async (url) => {
  const bySet = await get(url);
  telling.isBySet = false;
  const whole = await get(url);
  expect([bySet.statusCode, telling.times]).toEqual([200, 1]);
  expect(bySet.rawPayload.equals(whole.rawPayload)).toBe(true);
  expect(bySet.headers).toMatchObject({
    etag: whole.headers.etag,
    'content-type': whole.headers['content-type'],
  });
});

test('the total is of all sets, whichever rows are shown', async () => {
  const { sets, total } = (await get(`/v1/allocations?${SETS}&aggregate=pod&limit=1`)).json();
  expect(sets.map((set: { total: { total: string } }) => set.total.total)).toEqual([
    '0.100000000001',
    '0.200000000001',
    '0.300000000001',
  ]);
  expect(total.total).toBe('0.600000000003');
});

test('the dearest rows of all sets are known when all sets are: then they are asked for together', async () => {
  expect((await get(`/v1/allocations?${SETS}&aggregate=pod&top=1`)).statusCode).toBe(200);
  expect(telling.times).toBe(0);
});

test.each([
  ['query_too_large', 422],
  ['store_unavailable', 503],
] as const)('what fails before the first set is found has its own status: %s', async (failure, status) => {
  telling.failure = failure;
  for (const url of [`/allocation?${SETS}`, `/v1/allocations?${SETS}&aggregate=pod`]) {
    expect((await get(url)).statusCode, url).toBe(status);
  }
});

test('who has the answer already is told so, and nothing is looked for', async () => {
  const url = `/allocation?${SETS}`;
  const { etag } = (await get(url)).headers;
  telling.times = 0;
  expect((await get(url, { 'if-none-match': etag })).statusCode).toBe(304);
  expect(telling.times).toBe(0);
});

/** By Node's own client over a socket: an injected request has no connection that could break. */
async function fetched(url: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}${url}`, { headers: { 'x-api-key': key }, ...(signal && { signal }) });
}

const FORMATS = ['json', 'csv', 'arrow'] as const;

test.each(FORMATS)(
  'what fails after the first set breaks the connection off, as %s, and nothing else',
  async (format) => {
    telling.between = () => Promise.reject(new AppError('store_unavailable', 'it is away'));
    const url = `/v1/allocations?${SETS}&aggregate=pod&format=${format}`;
    const isWhole = await fetched(url).then(
      async (answer) =>
        answer.ok &&
        (await answer.arrayBuffer().then(
          () => true,
          () => false,
        )),
      () => false,
    );
    expect(isWhole).toBe(false);
    telling.between = nothing;
    expect((await (await fetched(url)).arrayBuffer()).byteLength).toBeGreaterThan(0);
  },
);

test.each(FORMATS)('who leaves between two sets ends the search for them, as %s, and nothing else', async (format) => {
  const isAsked = Promise.withResolvers<void>();
  const hasEnded = Promise.withResolvers<void>();
  telling.between = (signal) => {
    isAsked.resolve();
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        hasEnded.resolve();
        reject(new AppError('query_timeout', 'nobody waits any more'));
      });
    });
  };
  const caller = new AbortController();
  const url = `/v1/allocations?${SETS}&aggregate=pod&format=${format}`;
  const read = fetched(url, caller.signal).then((answer) => answer.arrayBuffer());
  read.catch(() => undefined);
  await isAsked.promise;
  caller.abort();
  await hasEnded.promise;
  await expect(read).rejects.toThrow();
  telling.between = nothing;
  expect((await (await fetched(url)).arrayBuffer()).byteLength).toBeGreaterThan(0);
});
