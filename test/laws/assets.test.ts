import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listAllocations } from '../../src/contracts/allocations.ts';
import { type AssetAnswer, listAssets } from '../../src/contracts/assets.ts';
import { openCostAssets } from '../../src/contracts/opencost-assets.ts';
import { MINUTE_MS } from '../../src/lib/clock.ts';
import { formatMoney, parseMoney } from '../../src/lib/money.ts';
import { clusterLives, lifeWindow } from '../support/cluster-life.ts';
import { expectedNodeCost } from '../support/expected-nodes.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { postsOf } from '../support/source-posts.ts';
import { newTenant, sumMoney, type TenantLab } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } } });
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;
const FILTERS = ['assetType:"node"', 'cluster:"east"', 'name~>:"0"|category:"Storage"'];

const asks = fc.record({
  aggregate: fc.constantFrom('', 'all', 'type', 'cluster,category', 'name', 'label:app,team', 'provider,pool,zone'),
  cut: fc.constantFrom({}, { step: '1h' }, { step: '7h' }, { step: '1d' }, { accumulate: 'month' }),
  zone: fc.constantFrom('UTC', 'Asia/Kolkata', 'America/New_York'),
  sort: fc.constantFrom('cost', 'name'),
});
const cutMinutes = fc.integer({ min: 1, max: 2 * 1_440 - 1 });

const instants = ({ start, end }: { start: number; end: number }) =>
  [start, end].map((at) => new Date(at).toISOString()).join(',');

/** Answers of a tenant, each checked to be the sum of its own rows. */
function questionsOf({ client }: TenantLab) {
  return async (more: object, window = lifeWindow()): Promise<AssetAnswer> => {
    const answer = await client.call(listAssets, { query: { ...more, window: instants(window), limit: 50_000 } });
    const rows = answer.sets.flatMap(({ assets }) => assets);
    expect(formatMoney(sumMoney(rows.map(({ cost }) => parseMoney(cost.total))))).toBe(answer.total.total);
    return answer;
  };
}

function totalOf(answers: readonly AssetAnswer[]): string {
  return formatMoney(sumMoney(answers.map(({ total }) => parseMoney(total.total))));
}

function oppositeOf(filter: string): string {
  return filter
    .split('|')
    .map((one) => one.replace(/(<~|~>|):"/, '!$1:"'))
    .join('+');
}

test(
  'assets add up to what allocations and idle add up to, exactly, however either is cut',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        clusterLives,
        fc.array(asks, { minLength: 4, maxLength: 4 }),
        cutMinutes,
        async (lives, all, cut) => {
          const tenant = await newTenant(server);
          await tenant.send(lives.flatMap(postsOf));
          await server.roll();
          const question = questionsOf(tenant);
          const expected = formatMoney(sumMoney(lives.map(expectedNodeCost)));
          const allocated = await tenant.client.call(listAllocations, {
            query: { window: instants(lifeWindow()), aggregate: 'namespace', idle: 'keep' },
          });
          expect(allocated.total.total).toBe(expected);
          for (const { cut: sets, ...ask } of all) {
            expect((await question({ ...ask, ...sets })).total.total, JSON.stringify({ ...ask, ...sets })).toBe(
              expected,
            );
          }

          const { start, end } = lifeWindow();
          const middle = start + cut * MINUTE_MS;
          const parts = [
            await question({ aggregate: 'type' }, { start, end: middle }),
            await question({}, { start: middle, end }),
          ];
          expect(totalOf(parts), 'parts of the window').toBe(expected);

          for (const filter of FILTERS) {
            const sides = await Promise.all(
              [filter, oppositeOf(filter)].map((side) => question({ aggregate: 'type', filter: side })),
            );
            expect(totalOf(sides), filter).toBe(expected);
          }
        },
      ),
      { numRuns: 4, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

test(
  'the OpenCost API says the same, and a node is what its own parts say',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLives, async (lives) => {
        const tenant = await newTenant(server);
        await tenant.send(lives.flatMap(postsOf));
        await server.roll();
        const { start, end } = lifeWindow();
        const reply = await tenant.client.call(openCostAssets, {
          query: { window: `${start / 1_000},${end / 1_000}` },
        });
        if (reply.status === 'error') throw new Error(reply.message);
        const assets = Object.values(Array.isArray(reply.data) ? {} : reply.data);
        const expected = Number(formatMoney(sumMoney(lives.map(expectedNodeCost))));
        const total = assets.reduce((sum, { totalCost }) => sum + (totalCost ?? 0), 0);
        expect(Math.abs(total - expected)).toBeLessThanOrEqual(1e-5 * assets.length + 1e-5);
        for (const { cpuCost, ramCost, gpuCost, discount, adjustment, totalCost, ...node } of assets) {
          const parts =
            (Number(cpuCost) + Number(ramCost)) * (1 - Number(discount)) + Number(gpuCost) + Number(adjustment);
          expect(Math.abs(parts - Number(totalCost))).toBeLessThanOrEqual(3e-5);
          const hours = Number(node.minutes) / 60;
          expect(Math.abs(Number(node.cpuCoreHours) - Number(node.cpuCores) * hours)).toBeLessThanOrEqual(
            1e-5 * (hours + 1),
          );
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);
