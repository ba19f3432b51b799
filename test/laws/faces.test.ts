import { tableFromIPC } from 'apache-arrow';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { allocationTimeseries, summarizeAllocations } from '../../src/contracts/allocation-views.ts';
import { listAllocations } from '../../src/contracts/allocations.ts';
import { formatMoney, parseMoney } from '../../src/lib/money.ts';
import { clusterLives, lifeWindow } from '../support/cluster-life.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { postsOf } from '../support/source-posts.ts';
import { openTenantLab, sumMoney } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } } });
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;
const asks = fc.record({
  aggregate: fc.constantFrom('namespace', 'pod', 'cluster,controller', 'all'),
  idle: fc.constantFrom('keep', 'share', 'hide' as const),
  step: fc.constantFrom('1d', '7h', '2d'),
  top: fc.integer({ min: 1, max: 4 }),
});
const CsvRow = z.object({ total_cost: z.string() });
const text = (amounts: readonly string[]) => formatMoney(sumMoney(amounts.map((amount) => parseMoney(amount))));

test(
  'every way to read an answer tells the same total: rows, summary, steps, the dearest and the rest, CSV, Arrow',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLives, fc.array(asks, { minLength: 3, maxLength: 3 }), async (lives, all) => {
        const key = await server.key(await server.tenant(), ['ingest', 'read']);
        const tenant = openTenantLab({ url: server.url, key });
        const { client } = tenant;
        await tenant.send(lives.flatMap(postsOf));
        await server.roll();
        const { start, end } = lifeWindow();
        const window = `${new Date(start).toISOString()},${new Date(end).toISOString()}`;
        for (const { top, ...ask } of all) {
          const query = { ...ask, window, limit: 50_000 };
          const story = JSON.stringify({ top, ...ask });
          const { total, sets } = await client.call(listAllocations, { query });
          expect(await client.call(summarizeAllocations, { query }), story).toMatchObject({ total });
          expect(text(sets.map((set) => set.total.total)), story).toBe(total.total);

          const folded = await client.call(listAllocations, { query: { ...query, top } });
          const rows = folded.sets.flatMap(({ allocations }) => allocations);
          expect(text(rows.map(({ cost }) => cost.total)), story).toBe(total.total);
          expect(
            new Set(rows.filter(({ kind }) => kind === 'allocation').map(({ name }) => name)).size,
          ).toBeLessThanOrEqual(top);

          const series = await client.call(allocationTimeseries, { query: { ...ask, window, top } });
          expect(series.total, story).toBe(total.total);
          expect(text(series.step_total.map((cost) => cost ?? '0')), story).toBe(total.total);
          expect(text(series.series.map((one) => one.total)), story).toBe(total.total);
          for (const one of series.series) expect(text(one.cost.map((cost) => cost ?? '0')), story).toBe(one.total);

          const file = async (format: string) => {
            const params = new URLSearchParams({ ...ask, window, limit: '50000', format });
            const { rawPayload } = await server.app.inject({
              url: `/v1/allocations?${params.toString()}`,
              headers: { 'x-api-key': key },
            });
            return rawPayload;
          };
          const lines = z.array(CsvRow).parse(parse(await file('csv'), { columns: true }));
          expect(text(lines.map(({ total_cost }) => total_cost)), story).toBe(total.total);
          const costs = tableFromIPC(await file('arrow')).toArray();
          const exact = costs.reduce<bigint>((sum, row) => sum + BigInt(row.total_cost.toString()), 0n);
          expect(exact, story).toBe(BigInt(parseMoney(total.total)));
        }
      }),
      { numRuns: 2 },
    );
  },
  TIMEOUT_MS,
);
