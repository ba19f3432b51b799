import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainAllocations } from '../../src/contracts/allocation-explain.ts';
import { listAllocations } from '../../src/contracts/allocations.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/lib/clock.ts';
import { formatMoney, parseMoney } from '../../src/lib/money.ts';
import { type ClusterLife, clusterLives, lifeWindow } from '../support/cluster-life.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { postsOf } from '../support/source-posts.ts';
import { newTenant, openTenantLab, sumMoney, type TenantLab } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } } });
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;
const RESOURCES = ['cpu', 'ram', 'gpu'] as const;
const window = () => {
  const { start, end } = lifeWindow();
  return `${new Date(start).toISOString()},${new Date(end).toISOString()}`;
};

/** All explained rows about something, page by page. */
async function explained({ client }: TenantLab, query: Record<string, string>) {
  const page = { window: window(), limit: 100, samples: 0, ...query };
  const first = await client.call(explainAllocations, { query: page });
  const rows = [...first.rows];
  while (rows.length < first.rows_total) {
    rows.push(...(await client.call(explainAllocations, { query: { ...page, offset: rows.length } })).rows);
  }
  return { ...first, rows };
}

test(
  'the arithmetic of every row gives the ledger’s own digits, and the rows of a number add up to it',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLives, async (lives) => {
        const tenant = await newTenant(server);
        await tenant.send(lives.flatMap(postsOf));
        await server.roll();
        const all = await explained(tenant, {});
        for (const row of all.rows) {
          for (const resource of RESOURCES) expect(row[resource], JSON.stringify(row)).toMatchObject({ is_same: true });
        }
        const parts = [...all.rows.map(({ total }) => total), ...all.attachments.map(({ cost }) => cost)];
        expect(formatMoney(sumMoney(parts.map(parseMoney)))).toBe(all.total.total);

        const query = { window: window(), aggregate: 'cluster,namespace' };
        const answer = await tenant.client.call(listAllocations, { query });
        expect(all.total.total).toBe(answer.total.total);
        for (const { keys, kind, cost } of answer.sets[0]?.allocations ?? []) {
          const asked = kind === 'allocation' ? keys : { namespace: `__${kind}__` };
          expect((await explained(tenant, asked)).total.total, JSON.stringify(asked)).toBe(cost.total);
        }
      }),
      { numRuns: 4 },
    );
  },
  TIMEOUT_MS,
);

/** A node of 4 cores and 8 GiB at 0.40 an hour, on which one pod asks for a core and uses two. */
function plainLife(): ClusterLife {
  const GIB = 2 ** 30;
  const start = lifeWindow().start;
  const amounts = { cpuUsage: 2_000, cpuRequest: 1_000, memoryUsage: GIB, memoryRequest: 2 * GIB };
  const nodes = [{ name: 'n1', millicores: 4_000, bytes: 8 * GIB, price: '0.40' }];
  const pods = [{ namespace: 'shop', name: 'web', node: 'n1', amounts, containers: [] }];
  const sights = Array.from({ length: 61 }, (_, minute) => ({ at: start + minute * MINUTE_MS, nodes, pods }));
  return { name: 'east', source: 'agent', sights };
}

test('a person can follow one container-hour from its cost to its node, price, source and samples', async () => {
  const tenant = await newTenant(server);
  await tenant.send(postsOf(plainLife()));
  await server.roll();
  const at = lifeWindow().start;
  const hour = `${new Date(at).toISOString()},${new Date(at + HOUR_MS).toISOString()}`;
  const found = await tenant.client.call(explainAllocations, { query: { window: hour, cluster: 'east', pod: 'web' } });
  expect(found).toMatchObject({ rows_total: 1, coverage: { ratio: 1 } });
  const [row] = found.rows;
  expect(row).toMatchObject({
    node: 'n1',
    run_minutes: 60,
    source: 'agent',
    on_node: { price_basis: 'reported', reported_cost: '0.4' },
  });
  expect(row?.cpu).toMatchObject({
    rule: 'share',
    held: '7200',
    requested: '3600',
    used: '7200',
    node_capacity: '14400',
    is_same: true,
  });
  expect(row?.cpu.arithmetic).toBe(`${row?.cpu.node_cost} × 7200 ÷ 14400 = ${row?.cpu.cost}`);
  expect(row?.ram.arithmetic).toMatch(/^0\.\d+ × 7730941132800 ÷ 30923764531200 = 0\.\d+$/);
  expect(found.hours).toMatchObject([
    { cluster: 'east', source: 'agent', covered_minutes: 60, reported_minutes: { agent: 60 } },
  ]);
  expect(found.prices).toMatchObject([
    { id: row?.price_version, rates: { cpu_core_hour: expect.stringMatching(/^0\.\d+$/) } },
  ]);
  const samples = new Map(found.samples.map((one) => [one.kind, one]));
  expect(samples.get('container_samples')).toMatchObject({ count: 60, first_at: new Date(at).toISOString() });
  expect(samples.get('container_samples')?.rows[0]).toMatchObject({
    source: 'agent',
    pod: 'web',
    values: { cpu_usage_nanocores: '2000000000', memory_request_bytes: '2147483648' },
  });
  expect(samples.get('node_samples')?.rows[0]?.values).toMatchObject({
    cpu_capacity_nanocores: '4000000000',
    hourly_cost_usd: '0.4',
  });

  const idle = await tenant.client.call(explainAllocations, { query: { window: hour, namespace: '__idle__' } });
  const [left] = idle.rows;
  expect(left?.cpu.arithmetic).toBe(`${row?.cpu.node_cost} − ${row?.cpu.cost} = ${left?.cpu.cost}`);
});

test('what volumes and load balancers cost is there too, each part beside the whole volume', async () => {
  const tenantId = await server.tenant();
  const lab = openTenantLab({ url: server.url, key: await server.key(tenantId, ['ingest', 'read']) });
  await lab.send(postsOf(plainLife()));
  const { id: cluster } = await server.deps.clusters.resolve(tenantId, 'east', Date.now());
  const at = lifeWindow().start;
  const claimed = {
    namespace: 'shop',
    claim: 'data',
    volume: 'pv-1',
    storageClass: 'ssd',
    providerId: 'vol-1',
    request: null,
  };
  const volume = { ...claimed, at, capacity: 100 * 2 ** 30, usage: null, pods: ['web'], labels: {} };
  const balancer = { at, namespace: 'shop', service: 'web', ingress: '1.2.3.4', hourlyCost: '0.05' };
  const minutes = Array.from({ length: 60 }, (_, minute) => at + minute * MINUTE_MS);
  await server.deps.intake.accept(
    { tenant: tenantId, cluster },
    {
      source: 'agent',
      containers: [],
      nodes: [],
      volumes: minutes.map((instant) => ({ ...volume, at: instant })),
      balancers: minutes.map((instant) => ({ ...balancer, at: instant })),
    },
  );
  await server.roll();
  const found = await lab.client.call(explainAllocations, { query: { window: window(), namespace: 'shop' } });
  expect(found.attachments.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['balancer', 'volume']));
  expect(found.attachments_total).toBe(found.attachments.length);
  const disk = found.attachments.find(({ kind }) => kind === 'volume');
  expect(disk).toMatchObject({ name: 'pv-1', pod: 'web', storage_class: 'ssd', volume_cost: disk?.cost });
  expect(disk?.arithmetic).toBe(`${disk?.cost} × ${disk?.byte_seconds} ÷ ${disk?.byte_seconds} = ${disk?.cost}`);
  const query = { window: window(), aggregate: 'all', filter: 'namespace:"shop"', idle: 'hide' } as const;
  const { total } = await lab.client.call(listAllocations, { query });
  expect(found.total).toMatchObject({ pv: total.pv, load_balancer: total.load_balancer, total: total.total });
});

test('what cannot be explained is refused by name, and another tenant’s rows are not there', async () => {
  const tenant = await newTenant(server);
  const stranger = await newTenant(server);
  await tenant.send(postsOf(plainLife()));
  await server.roll();
  expect(await explained(stranger, { pod: 'web' })).toMatchObject({ rows_total: 0, rows: [], samples: [] });
  const refusal = async (query: object) => {
    const error = await tenant.client.call(explainAllocations, { query }).catch((reason: unknown) => reason);
    return String(error);
  };
  expect(await refusal({ window: '40d' })).toContain('at most 31');
  expect(await refusal({ limit: 101 })).toContain('limit');
  expect(await refusal({ filter: 'pod:' })).toContain('at character');
  expect(await refusal({ label: 'x' })).toContain('label: is not known here');
});
