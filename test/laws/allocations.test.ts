import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AllocationAnswer, listAllocations } from '../../src/contracts/allocations.ts';
import { OPENCOST_ALLOCATIONS, type OpenCostAllocation } from '../../src/contracts/opencost.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/lib/clock.ts';
import { formatMoney, type Money, parseMoney } from '../../src/lib/money.ts';
import { ledgerBalancers, ledgerVolumes } from '../support/attachments.ts';
import { type ClusterLife, clusterLives, lifeWindow } from '../support/cluster-life.ts';
import { expectedNodeCost } from '../support/expected-nodes.ts';
import { attachmentsOf } from '../support/life-attachments.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { postsOf } from '../support/source-posts.ts';
import { openTenantLab, sumMoney, type TenantLab } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } } });
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;
const KEYS = [
  'cluster',
  'node',
  'namespace',
  'controllerKind',
  'controller',
  'pod',
  'container',
  'label:app',
  'team',
  'service',
  'annotation:owner',
];
const FILTERS = [
  'namespace:"shop"',
  'services:"front"',
  'pod:"__unmounted__"',
  'cluster:"east"',
  'pod<~:"pod-1","pod-2"',
  'node~>:"0"|namespace:"data"',
];

const asks = fc.record({
  aggregate: fc.uniqueArray(fc.constantFrom(...KEYS), { maxLength: 4 }).map((keys) => keys.join(',') || 'all'),
  idle: fc.constantFrom('keep', 'share'),
  evenIdle: fc.boolean(),
  idleBy: fc.constantFrom('cluster', 'node'),
  splitIdle: fc.constantFrom('true', 'false'),
  cut: fc.constantFrom(
    {},
    { step: '1h' },
    { step: '7h' },
    { step: '1d' },
    { accumulate: 'day' },
    { accumulate: 'month' },
  ),
  zone: fc.constantFrom('UTC', 'Asia/Kolkata', 'America/New_York'),
  share: fc.constantFrom({}, { shareNamespaces: 'kube-system' }, { shareNamespaces: 'data', shareSplit: 'even' }),
});
type Ask = typeof asks extends fc.Arbitrary<infer T> ? T : never;
/** Either side holds the start of an hour: without one, a window would stand for an hour of the other side. */
const cutMinutes = fc.integer({ min: 1, max: 2 * 1_440 - 60 });

interface Asked {
  readonly window?: { start: number; end: number };
  readonly filter?: string;
  readonly idle?: 'hide';
}

interface Lived {
  readonly tenant: TenantLab;
  /** What nodes cost as the rules have it, and volumes and balancers as the ledger does. */
  readonly cost: Money;
}

/** A tenant whose clusters lived so, with all that they pay for. */
async function live(lives: readonly ClusterLife[]): Promise<Lived> {
  const id = await server.tenant();
  const tenant = openTenantLab({ url: server.url, key: await server.key(id, ['ingest', 'read']) });
  await tenant.send(lives.flatMap(postsOf));
  for (const life of lives) {
    const cluster = await server.deps.clusters.resolve(id, life.name, Date.now());
    await server.deps.intake.accept({ tenant: id, cluster: cluster.id }, attachmentsOf(life));
  }
  await server.roll();
  const attached = [...(await ledgerVolumes(server, id)), ...(await ledgerBalancers(server, id))];
  const costs = attached.map(({ cost }) => parseMoney(cost));
  return { tenant, cost: sumMoney([...lives.map(expectedNodeCost), ...costs]) };
}

/** Answers of a tenant, each checked to be the sum of its own rows. */
function questionsOf({ client }: TenantLab) {
  return async (ask: Partial<Ask>, { window = lifeWindow(), ...more }: Asked = {}): Promise<AllocationAnswer> => {
    const { cut = {}, share = {}, evenIdle = false, ...rest } = ask;
    const even = evenIdle && rest.idle === 'share' ? { shareIdle: 'even' as const } : {};
    const ends = [window.start, window.end].map((at) => new Date(at).toISOString()).join(',');
    const query = { ...rest, ...even, ...cut, ...share, ...more, window: ends, limit: 50_000 };
    const answer = await client.call(listAllocations, { query });
    const rows = answer.sets.flatMap(({ allocations }) => allocations);
    expect(formatMoney(sumMoney(rows.map(({ cost }) => parseMoney(cost.total))))).toBe(answer.total.total);
    return answer;
  };
}

test(
  'a total is the same under any keys, step, zone, grain, split of the window and sharing: what nodes, volumes and load balancers cost, exactly',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        clusterLives,
        fc.array(asks, { minLength: 6, maxLength: 6 }),
        cutMinutes,
        async (lives, all, cut) => {
          const { tenant, cost } = await live(lives);
          const question = questionsOf(tenant);
          const expected = formatMoney(cost);
          for (const ask of all) expect((await question(ask)).total.total, JSON.stringify(ask)).toBe(expected);

          const { start, end } = lifeWindow();
          const middle = start + cut * MINUTE_MS;
          const parts = [
            await question({ aggregate: 'namespace' }, { window: { start, end: middle } }),
            await question({ aggregate: 'pod', idle: 'share' }, { window: { start: middle, end } }),
          ];
          expect(totalOf(parts), 'parts of the window').toBe(expected);

          for (const filter of FILTERS) {
            const sides = [filter, oppositeOf(filter)].map((side) =>
              question({ aggregate: 'namespace' }, { filter: side, idle: 'hide' }),
            );
            const whole = await question({ aggregate: 'pod' }, { idle: 'hide' });
            expect(totalOf(await Promise.all(sides)), filter).toBe(whole.total.total);
          }
        },
      ),
      { numRuns: 5 },
    );
  },
  TIMEOUT_MS,
);

function totalOf(answers: readonly AllocationAnswer[]): string {
  return formatMoney(sumMoney(answers.map(({ total }) => parseMoney(total.total))));
}

function oppositeOf(filter: string): string {
  return filter
    .split('|')
    .map((one) => one.replace(/(<~|~>|):"/, '!$1:"').replace('!!', '!'))
    .join('+');
}

test(
  'the OpenCost API says the same, and its numbers are what they say they are of each other',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLives, asks, async (lives, { aggregate }) => {
        const { tenant, cost } = await live(lives);
        const { start, end } = lifeWindow();
        const query = { window: `${start / 1_000},${end / 1_000}`, aggregate, includeIdle: 'true' };
        const reply = await tenant.client.call(OPENCOST_ALLOCATIONS[0], { query });
        if (reply.status === 'error') throw new Error(reply.message);
        const rows = Object.values(reply.data[0] ?? {});
        const expected = Number(formatMoney(cost));
        const total = rows.reduce((sum, row) => sum + (row.totalCost ?? 0), 0);
        expect(Math.abs(total - expected)).toBeLessThanOrEqual(1e-5 * rows.length + 1e-5);
        for (const row of rows) holdsTogether(row);
      }),
      { numRuns: 4 },
    );
  },
  TIMEOUT_MS,
);

/** The identities of OpenCost's own rows, as far as five decimals let them be seen. */
function holdsTogether(row: OpenCostAllocation): void {
  const of = (name: keyof OpenCostAllocation) => Number(row[name] ?? 0);
  const near = (found: number, want: number, what: string, slack = 2e-5) =>
    expect(Math.abs(found - want), `${row.name}: ${what}`).toBeLessThanOrEqual(slack + Math.abs(want) * 1e-9);
  const costs = ['cpuCost', 'ramCost', 'gpuCost', 'pvCost', 'networkCost', 'loadBalancerCost'] as const;
  const others = ['cpuCostIdle', 'ramCostIdle', 'gpuCostIdle', 'sharedCost', 'externalCost'] as const;
  near(
    of('totalCost'),
    [...costs, ...others].reduce((sum, name) => sum + of(name), 0),
    'total',
    6e-5,
  );
  const hours = (Date.parse(row.end) - Date.parse(row.start)) / HOUR_MS;
  near(of('minutes'), hours * 60, 'minutes');
  near(of('cpuCoreHours'), of('cpuCores') * hours, 'core-hours', 1e-5 * (hours + 1));
  if (row.name.endsWith('__')) return;
  for (const [usage, request, efficiency] of [
    ['cpuCoreUsageAverage', 'cpuCoreRequestAverage', 'cpuEfficiency'],
    ['ramByteUsageAverage', 'ramByteRequestAverage', 'ramEfficiency'],
  ] as const) {
    if (of(request) < 0.1) continue;
    near(of(efficiency), of(usage) / of(request), efficiency, 1e-3);
  }
  const cost = of('cpuCost') + of('ramCost');
  if (cost < 0.1) return;
  const mean = (of('cpuEfficiency') * of('cpuCost') + of('ramEfficiency') * of('ramCost')) / cost;
  near(of('totalEfficiency'), mean, 'total efficiency', 1e-3);
}
