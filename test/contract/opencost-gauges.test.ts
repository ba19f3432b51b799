import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createClient } from '../../src/client/client.ts';
import { listAllocations } from '../../src/contracts/allocations.ts';
import { OPENCOST_ALLOCATIONS } from '../../src/contracts/opencost.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/lib/clock.ts';
import { findPrometheus, startScraper, type TestPrometheus } from '../support/prometheus.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { SMALL_START, smallCluster } from '../support/small-cluster.ts';
import { waitFor } from '../support/wait-for.ts';

const programs = await findPrometheus();
const WINDOW = `${SMALL_START / 1_000},${(SMALL_START + HOUR_MS) / 1_000}`;

const Vector = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

describe.skipIf(!programs)('a Prometheus that scrapes the gauges of a cluster', () => {
  let server: TestServer;
  let prometheus: TestPrometheus;
  let key: string;

  beforeAll(async () => {
    server = await startTestServer({ deps: { clock: { now: () => SMALL_START + HOUR_MS + 30 * MINUTE_MS } } });
    const tenant = await server.tenant();
    key = await server.key(tenant, ['read']);
    const { id } = await server.deps.clusters.resolve(tenant, 'east', SMALL_START);
    await server.deps.intake.accept({ tenant, cluster: id }, smallCluster(SMALL_START, 1));
    await server.roll();
    if (!programs) return;
    const target = { url: server.url, path: '/metrics', params: { cluster: 'east' }, bearer: key };
    prometheus = await startScraper(programs, target);
    await waitFor(async () => (await ask('count(node_total_hourly_cost)')).length > 0, {
      timeoutMs: 30_000,
      what: 'the first scrape',
    });
  }, 120_000);
  afterAll(async () => {
    await prometheus?.end();
    await server.close();
  });

  async function ask(query: string) {
    const response = await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
    return Vector.parse(await response.json()).data.result;
  }

  async function byNamespace(query: string): Promise<Record<string, number>> {
    const found = await ask(`sum by (namespace) (${query})`);
    return Object.fromEntries(found.map(({ metric, value }) => [metric.namespace ?? '', Number(value[1])]));
  }

  test('finds in PromQL what /allocation says of the same hour', async () => {
    const client = createClient({ url: server.url, key });
    const query = { window: WINDOW, aggregate: 'namespace' };
    const [exact, theirs] = await Promise.all([
      client.call(listAllocations, { query: { ...query, idle: 'hide' } }),
      client.call(OPENCOST_ALLOCATIONS[0], { query }),
    ]);
    if (theirs.status === 'error') throw new Error(theirs.message);
    const cpu = await byNamespace('container_cpu_allocation * on (node) group_left () node_cpu_hourly_cost');
    const ram = await byNamespace(
      'container_memory_allocation_bytes / 2^30 * on (node) group_left () node_ram_hourly_cost',
    );
    expect(Object.keys(cpu).toSorted()).toEqual(['kube-system', 'shop']);
    for (const { name, cost } of exact.sets[0]?.allocations ?? []) {
      if (!(name in cpu)) continue;
      expect(cpu[name], `cpu of ${name}`).toBeCloseTo(Number(cost.cpu), 10);
      expect(ram[name], `ram of ${name}`).toBeCloseTo(Number(cost.ram), 10);
      expect(cpu[name]).toBeCloseTo(theirs.data[0]?.[name]?.cpuCost ?? Number.NaN, 5);
      expect(ram[name]).toBeCloseTo(theirs.data[0]?.[name]?.ramCost ?? Number.NaN, 5);
    }
  });

  test('finds there what nodes, volumes and load balancers cost', async () => {
    const f = async (query: string, want: number) =>
      expect(Number((await ask(query))[0]?.value[1]), query).toBeCloseTo(want, 9);
    await f('sum(node_total_hourly_cost)', 0.5);
    await f('sum(kube_node_status_capacity_cpu_cores * on (node) node_cpu_hourly_cost)', 0.5 - (await ramOf()));
    await f('sum(kubecost_load_balancer_cost)', 0.025);
    await f(
      'sum(kube_persistentvolume_capacity_bytes / 2^30 * on (persistentvolume) pv_hourly_cost)',
      110 * 0.00005479452,
    );
    await f('sum(pod_pvc_allocation / 2^30 * on (persistentvolume) group_left () pv_hourly_cost)', 100 * 0.00005479452);
  });

  async function ramOf(): Promise<number> {
    const found = await ask('sum(kube_node_status_capacity_memory_bytes / 2^30 * on (node) node_ram_hourly_cost)');
    return Number(found[0]?.value[1]);
  }
});
