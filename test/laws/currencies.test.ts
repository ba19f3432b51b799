import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { allocationTimeseries, summarizeAllocations } from '../../src/contracts/allocation-views.ts';
import { type AllocationAnswer, listAllocations } from '../../src/contracts/allocations.ts';
import { type AssetAnswer, listAssets } from '../../src/contracts/assets.ts';
import { convertMoney, formatPerUsd, RATE_PARTS } from '../../src/core/currency.ts';
import { DAY_MS, HOUR_MS, isoDay } from '../../src/lib/clock.ts';
import { formatMoney, type Money, parseMoney } from '../../src/lib/money.ts';
import { clusterLives, lifeWindow } from '../support/cluster-life.ts';
import { connectMcp } from '../support/mcp-client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { smallCluster } from '../support/small-cluster.ts';
import { postsOf } from '../support/source-posts.ts';
import { openTenantLab, sumMoney } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } } });
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;
/** Amounts that are rounded by themselves, of all places that a row is of. */
const AMOUNTS_PER_ROW = 64n;
const FIRST = () => isoDay(lifeWindow().start);
const WINDOW = () => `${FIRST()},${isoDay(lifeWindow().end)}`;

const asks = fc.record({
  aggregate: fc.constantFrom('namespace', 'pod', 'cluster,controller', 'node', 'all'),
  idle: fc.constantFrom('keep', 'share' as const),
  cut: fc.constantFrom({}, { step: '1d' }, { step: '7h' }, { accumulate: 'month' }),
});
/** A dollar on each of two days: of whole units, where nothing is rounded, and of any. */
const wholeRates = fc.tuple(fc.bigInt({ min: 1n, max: 200n }), fc.bigInt({ min: 1n, max: 200n }));
const anyRates = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 12n }));

async function newTenant() {
  const tenantId = await server.tenant();
  const key = await server.key(tenantId, ['ingest', 'read', 'admin']);
  return { tenantId, key, ...openTenantLab({ url: server.url, key }) };
}

/** Nodes, disks and a load balancer, two hours of each day. */
async function putSmallCluster(tenant: string) {
  const cluster = (await server.deps.clusters.resolve(tenant, 'small', Date.now())).id;
  await server.deps.intake.accept({ tenant, cluster }, smallCluster(lifeWindow().start + 22 * HOUR_MS, 4));
}

async function call(method: 'GET' | 'POST', url: string, { key, body, known }: Called) {
  const headers = { 'x-api-key': key, ...(known === undefined ? {} : { 'if-none-match': known }) };
  const response = await server.app.inject({ method, url, headers, ...(body ? { payload: body } : {}) });
  return { status: response.statusCode, tag: response.headers.etag, text: response.body };
}

interface Called {
  readonly key: string;
  readonly body?: object;
  readonly known?: string;
}

/** From the first day of the window on. */
async function putRates(key: string, currency: string, perUsd: readonly bigint[]) {
  const { start } = lifeWindow();
  const rates = perUsd.map((rate, day) => ({
    effective_on: isoDay(start + day * DAY_MS),
    per_usd: formatPerUsd(rate),
  }));
  const { status, text } = await call('POST', `/v1/currencies/${currency}`, { key, body: { rates } });
  expect(status, text).toBe(200);
}

const money = (costs: readonly { cost: { total: string } }[]) =>
  sumMoney(costs.map(({ cost }) => parseMoney(cost.total)));
function rowsOf(answer: AllocationAnswer | AssetAnswer) {
  return answer.sets.flatMap((set): readonly { name: string; cost: { total: string } }[] =>
    'allocations' in set ? set.allocations : set.assets,
  );
}

test(
  'the total under any cut is each day’s dollars times the rate of that day, and rows add up to it: exactly by whole rates, to 1e-12 for each amount by others',
  async () => {
    const cases = fc.array(asks, { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(clusterLives, cases, wholeRates, anyRates, async (lives, all, whole, uneven) => {
        const { tenantId, key, client, ...tenant } = await newTenant();
        await tenant.send(lives.flatMap(postsOf));
        await putSmallCluster(tenantId);
        await server.roll();
        const byDay = await client.call(listAllocations, {
          query: { window: WINDOW(), aggregate: 'all', step: '1d', idle: 'keep' },
        });
        const dollars = byDay.sets.map(({ total }) => parseMoney(total.total));
        expect(dollars.every((cost) => cost > 0n)).toBe(true);
        for (const rates of [whole.map((units) => units * RATE_PARTS), uneven]) {
          await putRates(key, 'EUR', rates);
          const expected = sumMoney(dollars.map((cost, day) => convertMoney(cost, rates[day] ?? 0n)));
          const slackOf = (rows: number) => (rates === uneven ? AMOUNTS_PER_ROW * BigInt(rows + 1) : 0n);
          const check = (answer: AllocationAnswer | AssetAnswer, story: string) => {
            const rows = rowsOf(answer);
            expect(answer.currency).toBe('EUR');
            expect(formatMoney(money(rows)), story).toBe(answer.total.total);
            expect(distance(parseMoney(answer.total.total), expected), story).toBeLessThanOrEqual(slackOf(rows.length));
          };
          for (const { cut, ...ask } of all) {
            const query = { ...ask, ...cut, window: WINDOW(), currency: 'EUR', limit: 50_000 };
            const answer = await client.call(listAllocations, { query });
            check(answer, JSON.stringify(query));
            expect(await client.call(summarizeAllocations, { query })).toMatchObject({
              currency: 'EUR',
              total: answer.total,
            });
          }
          // Each thing is rounded by itself: where anything is, rows of one thing say how many there are.
          for (const aggregate of rates === uneven ? [''] : ['', 'type', 'all']) {
            const query = { aggregate, window: WINDOW(), currency: 'EUR', limit: 50_000 };
            check(await client.call(listAssets, { query }), JSON.stringify(query));
          }
        }
      }),
      { numRuns: 3 },
    );
  },
  TIMEOUT_MS,
);

function distance(a: Money, b: Money): bigint {
  return a > b ? a - b : b - a;
}

test('every face tells the currency and the same costs in it, and what is no cost stays as it is', async () => {
  const { tenantId, key, client } = await newTenant();
  await putSmallCluster(tenantId);
  await server.roll();
  await putRates(key, 'JPY', [150n * RATE_PARTS, 160n * RATE_PARTS]);
  const query = { window: WINDOW(), aggregate: 'namespace', currency: 'jpy' } as const;
  const [yen, dollars] = [
    await client.call(listAllocations, { query: { ...query, step: '1d' } }),
    await client.call(listAllocations, { query: { ...query, step: '1d', currency: 'USD' } }),
  ];
  const rate = [150n, 160n];
  for (const [day, set] of dollars.sets.entries()) {
    const total = convertMoney(parseMoney(set.total.total), (rate[day] ?? 0n) * RATE_PARTS);
    expect(yen.sets[day]?.total.total).toBe(formatMoney(total));
    const shares = set.allocations.map(({ name, efficiency, cpu_core_hours: cpu }) => ({ name, efficiency, cpu }));
    expect(
      yen.sets[day]?.allocations.map(({ name, efficiency, cpu_core_hours: cpu }) => ({ name, efficiency, cpu })),
    ).toEqual(shares);
  }
  const series = await client.call(allocationTimeseries, { query });
  expect(series).toMatchObject({ currency: 'JPY', total: yen.total.total });
  expect(series.step_total).toEqual(yen.sets.map(({ total }) => total.total));
  const csv = await call('GET', `/v1/allocations.csv?window=${WINDOW()}&currency=JPY`, { key });
  expect(
    csv.text
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .every((line) => line.endsWith(',JPY')),
  ).toBe(true);
  const nodes = { window: WINDOW(), filter: 'assetType:"node"' };
  const [inYen, inDollars] = [
    await client.call(listAssets, { query: { ...nodes, currency: 'JPY' } }),
    await client.call(listAssets, { query: nodes }),
  ];
  expect(rowsOf(inYen).map(({ name }) => name)).toEqual(rowsOf(inDollars).map(({ name }) => name));
  for (const [index, asset] of (inYen.sets[0]?.assets ?? []).entries()) {
    expect(asset.node, asset.name).toEqual(inDollars.sets[0]?.assets[index]?.node);
  }

  await using mcp = await connectMcp(server.url, key);
  const Told = z.looseObject({ currency: z.string(), total: z.unknown() });
  for (const [tool, total] of [
    ['get_allocations', yen.total],
    ['get_trends', yen.total.total],
    ['get_assets', { total: yen.total.total }],
  ] as const) {
    const said = await mcp.call(tool, { window: WINDOW(), currency: 'JPY' });
    const told = Told.parse(said.structured);
    expect(told, tool).toMatchObject({ currency: 'JPY', total });
    expect(said.text, tool).toContain('JPY');
  }
});

test('a currency without a rate for a day is refused with the day, and another tenant’s rates do not apply', async () => {
  const [one, other] = [await newTenant(), await newTenant()];
  await putRates(other.key, 'EUR', [RATE_PARTS]);
  const routes = [
    '/v1/allocations',
    '/v1/allocations.csv',
    '/v1/allocations/summary',
    '/v1/allocations/timeseries',
    '/v1/assets',
  ];
  const f = async (route: string, key: string) => {
    const { status, text } = await call('GET', `${route}?window=${WINDOW()}&currency=EUR`, { key });
    return status === 200 ? 200 : `${status} ${text}`;
  };
  for (const route of routes) {
    expect(await f(route, other.key), route).toBe(200);
    expect(await f(route, one.key), route).toMatch(new RegExp(`^400 .*no rate of EUR for ${FIRST()}`));
  }
  const { start } = lifeWindow();
  const rates = [{ effective_on: isoDay(start + DAY_MS), per_usd: '0.9' }];
  await call('POST', '/v1/currencies/EUR', { key: one.key, body: { rates } });
  expect(await f('/v1/allocations', one.key)).toMatch(new RegExp(`^400 .*no rate of EUR for ${FIRST()}`));
  for (const currency of ['EURO', 'E', '€', 'E1R']) {
    const { status, text } = await call('GET', `/v1/allocations?currency=${encodeURIComponent(currency)}`, {
      key: one.key,
    });
    expect({ status, text }, currency).toMatchObject({ status: 400, text: expect.stringContaining('currency') });
  }
  expect((await call('GET', '/allocation?window=1d&currency=EUR', { key: other.key })).text).not.toContain('EUR');
});

test('a tag is of the rates that an answer was converted by, and of no others', async () => {
  const { tenantId, key } = await newTenant();
  await putSmallCluster(tenantId);
  await server.roll();
  const euros = `/v1/allocations?window=${WINDOW()}&currency=EUR`;
  await putRates(key, 'EUR', [RATE_PARTS, RATE_PARTS]);
  const [before, dollars] = [
    await call('GET', euros, { key }),
    await call('GET', `/v1/allocations?window=${WINDOW()}`, { key }),
  ];
  expect(before.tag).not.toBe(dollars.tag);
  const known = String(before.tag);
  await putRates(key, 'JPY', [RATE_PARTS]);
  expect((await call('GET', euros, { key, known })).status).toBe(304);
  await putRates(key, 'EUR', [RATE_PARTS, 2n * RATE_PARTS]);
  const after = await call('GET', euros, { key, known });
  expect(after.status).toBe(200);
  expect(after.text).not.toBe(before.text);
  expect((await call('GET', `/v1/allocations?window=${WINDOW()}`, { key, known: String(dollars.tag) })).status).toBe(
    304,
  );
});
