import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { DAY_MS, HOUR_MS } from '../../src/lib/clock.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { variedHour } from '../support/varied-cluster.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const DAYS = 3;
const NOW = START + (DAYS + 1) * DAY_MS;
const HOURS_OF_DAY = [0, 13, 23];
const TIMEOUT_MS = 240_000;

let server: TestServer;
let tenant: string;
let key: string;

beforeAll(async () => {
  server = await startTestServer({
    deps: { clock: { now: () => NOW } },
    http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } },
  });
  tenant = await server.tenant();
  key = await server.key(tenant, ['read', 'admin']);
  const rates = await server.app.inject({
    method: 'POST',
    url: '/v1/prices',
    headers: { 'x-api-key': key },
    payload: {
      effective_from: '1970-01-01T00:00:00Z',
      base: 'default',
      rates: { management_hour: '0.1', network_internet_gib: '0.09' },
      storage_classes: { slow: '0.00001' },
    },
  });
  expect(rates.statusCode, rates.body).toBe(201);
  for (const [index, name] of ['east', 'west'].entries()) {
    const { id: cluster } = await server.deps.clusters.resolve(tenant, name, NOW);
    for (let day = index; day < DAYS; day += 1) {
      for (const hour of HOURS_OF_DAY) {
        await server.deps.intake.accept(
          { tenant, cluster },
          variedHour(START + day * DAY_MS + ((hour + index) % 24) * HOUR_MS),
        );
      }
    }
  }
  await server.roll();
}, TIMEOUT_MS);
afterAll(() => server.close());

const window = fc.constantFrom(
  '2026-01-01,2026-01-04',
  '2025-12-30,2026-01-05',
  '2026-01-01T05:00:00Z,2026-01-03T13:00:00Z',
  '2026-01-02T00:00:00Z,2026-01-03T00:00:00Z',
);
const cut = fc.constantFrom(
  '',
  'step=1d',
  'step=2d',
  'step=36h',
  'accumulate=day',
  'accumulate=week',
  'accumulate=month',
);
const zone = fc.constantFrom('UTC', 'Asia/Kolkata', 'America/New_York');

const allocations = fc
  .record({
    window,
    cut,
    zone,
    aggregate: fc.constantFrom(
      'namespace',
      'controller',
      'label:app,label:release',
      'service',
      'cluster',
      'pod',
      'node',
      'annotation:owner',
      'team',
      'all',
    ),
    idle: fc.constantFrom('idle=keep', 'idle=share', 'idle=hide', 'idle=keep&splitIdle=true', 'idle=share&idleBy=node'),
    share: fc.constantFrom('', 'shareNamespaces=kube-system', 'shareLabels=tier:front&shareSplit=even'),
    filter: fc.constantFrom(
      '',
      'namespace:"shop"',
      'label[tier]:"front"',
      'pod!:"web"',
      'cluster:"east"',
      'services:"front"',
    ),
  })
  .map(({ filter, idle, share, cut: sets, ...rest }) =>
    ['/v1/allocations?limit=1000', new URLSearchParams({ ...rest, ...(filter && { filter }) }), idle, share, sets]
      .filter(Boolean)
      .join('&'),
  );

const assets = fc
  .record({
    window,
    cut,
    zone,
    aggregate: fc.constantFrom(
      '',
      'type',
      'all',
      'providerID',
      'cluster,category',
      'label:team',
      'zone,pool',
      'namespace',
      'account,service,name',
    ),
    filter: fc.constantFrom(
      '',
      'assetType:"node"',
      'assetType:"disk"',
      'name!:"n1"',
      'provider:"AWS"',
      'category:"Network"',
    ),
  })
  .map(({ filter, aggregate, cut: sets, ...rest }) =>
    [
      '/v1/assets?limit=1000',
      new URLSearchParams({ ...rest, ...(filter && { filter }), ...(aggregate && { aggregate }) }),
      sets,
    ]
      .filter(Boolean)
      .join('&'),
  );

const others = fc.constantFrom(
  '/allocation?window=2026-01-01,2026-01-04&aggregate=namespace&includeIdle=true',
  '/allocation?window=2026-01-01,2026-01-04&step=1d&aggregate=pod&accumulate=true',
  '/v1/allocations/timeseries?window=2026-01-01,2026-01-04&step=1d&aggregate=namespace',
);

/** Asked of every ledger: each tells of things one by one, with when they were there and what they are called. */
const ONE_BY_ONE = [
  '/v1/allocations?window=2026-01-01,2026-01-04&aggregate=namespace,pod,annotation:owner',
  '/v1/assets?window=2026-01-01,2026-01-04',
  '/assets?window=2026-01-01,2026-01-04',
];

async function ask(url: string): Promise<unknown> {
  const response = await server.app.inject({ url, headers: { 'x-api-key': key } });
  expect(response.statusCode, `${url}: ${response.body}`).toBe(200);
  return JSON.parse(response.body);
}

/**
 * As if all hours had been computed once more, and of the days `summed` alone the sums too: the others are read from their hours.
 * No answer that was kept of an earlier ledger serves the next question.
 */
async function renew({ summed }: { summed: readonly string[] }): Promise<void> {
  await server.columnar.command({
    sql: `INSERT INTO cluster_hours SELECT * REPLACE (version + 2 AS version) FROM cluster_hours FINAL
          WHERE tenant = {tenant:UUID}`,
    params: { tenant },
  });
  await server.columnar.command({
    sql: `INSERT INTO day_grains (tenant, cluster, day, hours_version, sums, version)
          SELECT tenant, cluster, day, max(h.version), 1, max(h.version) + 1000000 FROM cluster_hours AS h
          WHERE tenant = {tenant:UUID} AND day IN {summed:Array(Date)} GROUP BY tenant, cluster, day`,
    params: { tenant, summed },
  });
}

const ALL_DAYS = ['2026-01-01', '2026-01-02', '2026-01-03'];

test(
  'an answer is the same, to the last digit, from days, from hours, and from days of which some must be read by the hour',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(allocations, assets, others), { minLength: 10, maxLength: 10 }),
        async (urls) => {
          await renew({ summed: [] });
          const fromHours = new Map<string, unknown>();
          for (const url of [...ONE_BY_ONE, ...urls]) fromHours.set(url, await ask(url));
          await renew({ summed: ALL_DAYS });
          for (const [url, want] of fromHours) expect(await ask(url), `from days: ${url}`).toEqual(want);
          await renew({ summed: ['2026-01-01', '2026-01-03'] });
          for (const [url, want] of fromHours) expect(await ask(url), `from both: ${url}`).toEqual(want);
        },
      ),
      { numRuns: 2, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

test('whole days are read from their sums, whatever of volumes, balancers and nodes is asked', async () => {
  await renew({ summed: ALL_DAYS });
  const namesOf = async (url: string) => {
    const { sets } = Rows.parse(await ask(`${url}&window=2026-01-01,2026-01-04`));
    return sets.flatMap((set) => (set.assets ?? set.allocations ?? []).map(({ name }) => name));
  };
  const [attached, types] = ['/v1/allocations?aggregate=pod,service&idle=hide', '/v1/assets?aggregate=type&sort=name'];
  const whole = [await namesOf(attached), await namesOf(types)];
  expect(whole[0]).toEqual(expect.arrayContaining(['__unmounted__/__unallocated__', '__unallocated__/front']));
  expect(whole[1]).toEqual(['ClusterManagement', 'Disk', 'LoadBalancer', 'Network', 'Node']);
  for (const table of ['volume_days', 'balancer_days', 'node_days']) {
    await server.columnar.command({
      sql: `ALTER TABLE ${table} DELETE WHERE tenant = {tenant:UUID}`,
      params: { tenant },
      settings: { mutations_sync: 2 },
    });
  }
  await renew({ summed: ALL_DAYS });
  expect((await namesOf(attached)).filter((name) => /^__un.*__un|front/.test(name))).toEqual([]);
  expect(await namesOf(types)).toEqual(['ClusterManagement']); // a fee is read by the hour
  await renew({ summed: [] });
  expect([await namesOf(attached), await namesOf(types)]).toEqual(whole);
});

const Named = z.array(z.object({ name: z.string() }));
const Rows = z.object({ sets: z.array(z.object({ allocations: Named.optional(), assets: Named.optional() })) });
