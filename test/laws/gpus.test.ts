import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ratesOf } from '../../src/core/price-rates.ts';
import type { SampleBatch } from '../../src/core/samples.ts';
import { MINUTE_MS } from '../../src/lib/clock.ts';
import { parseMoney } from '../../src/lib/money.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { unbalancedNodes } from '../support/ledger-rows.ts';
import { containerSample, nodeSample } from '../support/samples.ts';

/** Law 1 for GPUs, as for CPU and RAM: what containers pay of a node, and what nobody does, is what the node costs, exactly. */

const START = Date.UTC(2026, 0, 5, 10);
const TIMEOUT_MS = 180_000;

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

/** Nano-GPUs: whole ones, sevenths, and whatever else. */
const amount = fc.option(fc.oneof(fc.constantFrom(0, 142_857_142, 500_000_000, 1e9), fc.nat({ max: 4e9 })));
const node = fc.record({
  gpuCapacity: fc.option(fc.constantFrom(1e9, 2e9, 8e9)),
  cpuCapacity: fc.option(fc.constantFrom(4e9, 64e9), { freq: 5 }),
  hourlyCost: fc.option(fc.constantFrom('0.526', '3.06', '32.772599')),
  spot: fc.boolean(),
});
const pod = fc.record({
  node: fc.nat({ max: 1 }),
  from: fc.nat({ max: 17 }),
  ticks: fc.integer({ min: 1, max: 18 }),
  moods: fc.array(fc.record({ gpuRequest: amount, gpuUsage: amount, cpuUsage: fc.option(fc.nat({ max: 9e9 })) }), {
    minLength: 1,
    maxLength: 3,
  }),
});
const cluster = fc.record({ nodes: fc.tuple(node, node), pods: fc.array(pod, { maxLength: 6 }) });
type Cluster = typeof cluster extends fc.Arbitrary<infer T> ? T : never;

/** Two hours, a post every 7 minutes: samples are held over the hour's edge. */
function batchOf({ nodes, pods }: Cluster): SampleBatch {
  const ats = Array.from({ length: 18 }, (_, tick) => START + tick * 7 * MINUTE_MS);
  return {
    source: 'collector',
    nodes: ats.flatMap((at) =>
      nodes.map((seen, index) => nodeSample({ at, node: `n${index}`, memoryCapacity: 2 ** 36, ...seen })),
    ),
    containers: pods.flatMap(({ node: index, from, ticks, moods }, name) =>
      ats
        .slice(from, from + ticks)
        .map((at, tick) => containerSample({ at, node: `n${index}`, pod: `p${name}`, ...moods[tick % moods.length] })),
    ),
  };
}

const Sums = z.object({ odd: z.coerce.number() });

test(
  'charges, idle and overcommitment of GPUs add up to what the nodes cost, to the last digit, at any price',
  async () => {
    await fc.assert(
      fc.asyncProperty(cluster, fc.constantFrom('0', '0.95', '2.000000000001'), async (drawn, gpuHour) => {
        const tenant = await lab.tenant();
        const id = await lab.cluster(tenant, 'gpus');
        await lab.put({ tenant, cluster: id }, batchOf(drawn));
        await lab.roll();
        expect(await unbalancedNodes(lab.columnar, tenant)).toEqual([]);
        const rates = { ...ratesOf(() => parseMoney('0.01')), gpuHour: parseMoney(gpuHour) };
        const book = { base: 'default', rates, storageClasses: {}, rules: [], note: '', createdBy: 'test' } as const;
        await lab.prices.add(tenant, { ...book, clusterId: id, effectiveFrom: START, createdAt: START });
        await lab.roll();
        expect(await unbalancedNodes(lab.columnar, tenant)).toEqual([]);
        const [sums] = await lab.columnar.rows({
          sql: `SELECT countIf(
                  (namespace != '__overcommit__' AND (gpu_seconds < 0 OR gpu_cost < 0))
                  OR (pod != '' AND gpu_seconds < greatest(gpu_usage_seconds, gpu_request_seconds))) AS odd
                FROM container_hours FINAL WHERE tenant = {tenant:UUID} AND NOT withdrawn`,
          params: { tenant },
          row: Sums,
        });
        expect(sums).toEqual({ odd: 0 });
      }),
      { numRuns: 8 },
    );
  },
  TIMEOUT_MS,
);

test('a day of hours holds as many GPU-seconds and dollars as its sum by workload', async () => {
  const tenant = await lab.tenant();
  const id = await lab.cluster(tenant, 'days');
  const gpus = { gpuRequest: 5e8, gpuUsage: 1e9, networkZoneSent: 0, networkRegionSent: 0 };
  const ats = Array.from({ length: 12 }, (_, tick) => START + tick * 5 * MINUTE_MS);
  await lab.put(
    { tenant, cluster: id },
    {
      source: 'collector',
      nodes: ats.map((at) => nodeSample({ at, cpuCapacity: 4e9, memoryCapacity: 2 ** 36, gpuCapacity: 2e9 })),
      containers: ats.map((at, tick) => containerSample({ at, ...gpus, networkInternetSent: tick * 2 ** 30 })),
    },
  );
  await lab.roll();
  const columns = ['gpu_seconds', 'gpu_usage_seconds', 'gpu_request_seconds', 'gpu_cost', 'network_internet_cost'];
  const sumsOf = async (table: string) => {
    const sums = columns.map((column) => `toString(sum(t.${column})) AS ${column}`).join(', ');
    const sql = `SELECT ${sums} FROM ${table} AS t FINAL WHERE tenant = {tenant:UUID} AND NOT withdrawn`;
    return lab.columnar.rows({ sql, params: { tenant }, row: z.record(z.string(), z.string()) });
  };
  const hours = await sumsOf('container_hours');
  expect(hours).toEqual([
    {
      gpu_seconds: '7200',
      gpu_usage_seconds: '3600',
      gpu_request_seconds: '1800',
      gpu_cost: '1.9',
      network_internet_cost: '1.32',
    },
  ]);
  expect(await sumsOf('workload_days')).toEqual(hours);
});
