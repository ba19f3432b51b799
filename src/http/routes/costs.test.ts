import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import type { Trends } from '../../contracts/costs.ts';
import { NO_COSTS } from '../../core/allocation/costs.ts';
import { DAY_MS } from '../../lib/clock.ts';
import type { CostQueries, CostScope, PageRequest } from '../../queries/cost-queries.ts';
import { breakdown } from '../../queries/costs.ts';
import { windowOf } from './costs.ts';

const NOW = Date.UTC(2026, 5, 15, 12, 34, 56);
const clock = { now: () => NOW };

test('a window without an end ends now, without a start it has the usual length', () => {
  const f = (start: string | undefined, end: string | undefined, want: [string, string]) => {
    const window = windowOf({ start_time: start, end_time: end }, 7, clock);
    const instants = [window.start, window.end].map((at) => new Date(at).toISOString());
    expect(instants, `${start} ${end}`).toEqual(want);
  };
  f(undefined, undefined, ['2026-06-08T12:34:56.000Z', '2026-06-15T12:34:56.000Z']);
  f('2026-06-01T00:00:00Z', undefined, ['2026-06-01T00:00:00.000Z', '2026-06-15T12:34:56.000Z']);
  f(undefined, '2026-06-01T02:00:00+02:00', ['2026-05-25T00:00:00.000Z', '2026-06-01T00:00:00.000Z']);
});

test('a window that cannot be is refused with the limit it breaks', () => {
  const f = (start: string | undefined, end: string | undefined, code: string, words: string) =>
    expect(() => windowOf({ start_time: start, end_time: end }, 7, clock)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(words) }),
    );
  f('2026-06-02T00:00:00Z', '2026-06-01T00:00:00Z', 'invalid_request', 'before end_time');
  f('2026-06-01T00:00:00Z', '2026-06-01T00:00:00Z', 'invalid_request', 'before end_time');
  f('2026-06-16T00:00:00Z', undefined, 'invalid_request', 'before end_time');
  f('2020-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'window_too_large', 'at most 800');
  f('0001-01-01T00:00:00Z', undefined, 'invalid_request', 'start_time must be');
  f(undefined, '9999-12-31T23:59:59Z', 'invalid_request', 'end_time must be');
});

let server: TestServer;
const asked: CostScope[] = [];
const pages: PageRequest[] = [];
beforeAll(async () => {
  const trends = async (scope: CostScope, interval: Trends['interval']): Promise<Trends> => {
    asked.push(scope);
    const [start_time, end_time] = [scope.start, scope.end].map((at) => new Date(at).toISOString());
    const coverage = { hours_asked: 0, hours_covered: 0, ratio: 0, clusters: [] };
    const total = breakdown(NO_COSTS);
    return {
      start_time: start_time ?? '',
      end_time: end_time ?? '',
      currency: 'USD',
      coverage,
      interval,
      total,
      trends: [],
    };
  };
  const unasked = () => Promise.reject(new Error('not asked here'));
  const paged = (_scope: CostScope, page: PageRequest) => {
    pages.push(page);
    return unasked();
  };
  const costs: CostQueries = { namespaces: paged, clusters: paged, utilization: paged, trends };
  server = await startTestServer({ deps: { costs } });
});
afterAll(() => server.close());

test('a question is about the tenant of the key; a key of one cluster sees that cluster alone', async () => {
  const tenant = await server.tenant();
  const [free, bound] = [await server.key(tenant, ['read']), await server.key(tenant, ['read'], 'east')];
  const f = async (key: string, query: string, want: { status: number; cluster?: string | undefined }) => {
    asked.length = 0;
    const url = `/v1/costs/trends${query}`;
    const response = await server.app.inject({ url, headers: { 'x-api-key': key } });
    expect(response.statusCode, query).toBe(want.status);
    expect(asked.map(({ tenant, cluster }) => ({ tenant, cluster }))).toEqual(
      want.status === 200 ? [{ tenant, cluster: want.cluster }] : [],
    );
  };
  await f(free, '', { status: 200 });
  await f(free, '?cluster=west', { status: 200, cluster: 'west' });
  await f(free, `?tenant=${crypto.randomUUID()}`, { status: 400 });
  await f(bound, '', { status: 200, cluster: 'east' });
  await f(bound, '?cluster=east', { status: 200, cluster: 'east' });
  await f(bound, '?cluster=west', { status: 403 });
});

test('trends go back 30 days by default', async () => {
  const key = await server.key(await server.tenant(), ['read']);
  asked.length = 0;
  await server.app.inject({ url: '/v1/costs/trends', headers: { 'x-api-key': key } });
  expect(asked.map(({ start, end }) => end - start)).toEqual([30 * DAY_MS]);
});

test('a currency is a code in any letters, dollars where nothing is said, and what is none is refused', async () => {
  const key = await server.key(await server.tenant(), ['read']);
  const f = async (query: string, want: { status: number; currency?: string }) => {
    asked.length = 0;
    const url = `/v1/costs/trends${query}`;
    const response = await server.app.inject({ url, headers: { 'x-api-key': key } });
    expect(response.statusCode, query).toBe(want.status);
    expect(asked.map(({ currency }) => currency)).toEqual(want.currency === undefined ? [] : [want.currency]);
  };
  await f('', { status: 200, currency: 'USD' });
  await f('?currency=eur', { status: 200, currency: 'EUR' });
  await f('?currency=euro', { status: 400 });
  await f('?currency=%E2%82%AC', { status: 400 });
});

test('a page is a limit and an offset, whatever else is asked', async () => {
  const key = await server.key(await server.tenant(), ['read']);
  for (const of of ['namespaces', 'clusters', 'utilization']) {
    const url = `/v1/costs/${of}?namespace=shop&cluster=east&limit=3&start_time=2026-06-01T00:00:00Z`;
    await server.app.inject({ url, headers: { 'x-api-key': key } });
  }
  expect(pages).toStrictEqual([1, 2, 3].map(() => ({ limit: 3, offset: 0 })));
});
