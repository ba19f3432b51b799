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

/** Which hours have sums by workload: the others are read container by container. */
const HOUR_SUMS = { none: '0', all: '1', some: 'toHour(hour) % 2' } as const;

/**
 * As if all hours had been computed once more, of the days `summed` alone the sums too, and of those hours that are named: the other
 * days are read from their hours, and the other hours from their containers. No answer that was kept of an earlier ledger serves the
 * next question.
 */
async function renew({ summed, hours }: { summed: readonly string[]; hours: keyof typeof HOUR_SUMS }): Promise<void> {
  await server.columnar.command({
    sql: `INSERT INTO cluster_hours SELECT * REPLACE (version + 2 AS version, toUInt8(${HOUR_SUMS[hours]}) AS sums)
          FROM cluster_hours FINAL WHERE tenant = {tenant:UUID}`,
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
  'an answer is the same, to the last digit, from days, from hours, from containers, and from some of each',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(allocations, assets, others), { minLength: 10, maxLength: 10 }),
        async (urls) => {
          await renew({ summed: [], hours: 'none' });
          const fromContainers = new Map<string, unknown>();
          for (const url of [...ONE_BY_ONE, ...urls]) fromContainers.set(url, await ask(url));
          const agree = async (grains: Parameters<typeof renew>[0]) => {
            await renew(grains);
            for (const [url, want] of fromContainers) {
              expect(await ask(url), `${JSON.stringify(grains)}: ${url}`).toEqual(want);
            }
          };
          await agree({ summed: [], hours: 'all' });
          await agree({ summed: ALL_DAYS, hours: 'none' });
          await agree({ summed: ['2026-01-01', '2026-01-03'], hours: 'some' });
        },
      ),
      { numRuns: 2, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

test('whole days are read from their sums, whatever of volumes, balancers and nodes is asked', async () => {
  await renew({ summed: ALL_DAYS, hours: 'all' });
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
  await renew({ summed: ALL_DAYS, hours: 'all' });
  expect((await namesOf(attached)).filter((name) => /^__un.*__un|front/.test(name))).toEqual([]);
  expect(await namesOf(types)).toEqual(['ClusterManagement']); // a fee is read by the hour
  await renew({ summed: [], hours: 'all' });
  expect([await namesOf(attached), await namesOf(types)]).toEqual(whole);
});

test('hours that have sums are read from these, and others from their containers', async () => {
  const namespaces = () => ask('/v1/allocations?aggregate=namespace&idle=hide&window=2026-01-01,2026-01-04');
  await renew({ summed: [], hours: 'all' });
  const whole = await namespaces();
  await server.columnar.command({
    sql: 'ALTER TABLE workload_hours DELETE WHERE tenant = {tenant:UUID}',
    params: { tenant },
    settings: { mutations_sync: 2 },
  });
  await renew({ summed: [], hours: 'all' });
  expect(await namespaces(), 'from no sums at all').not.toEqual(whole);
  await renew({ summed: [], hours: 'none' });
  expect(await namespaces()).toEqual(whole);
});

const Named = z.array(z.object({ name: z.string() }));
const Rows = z.object({ sets: z.array(z.object({ allocations: Named.optional(), assets: Named.optional() })) });
