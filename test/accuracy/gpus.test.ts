import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { SampleBatch } from '../../src/core/samples.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/lib/clock.ts';
import { agentPost } from '../../src/sim/agent-post.ts';
import { collectorPosts } from '../../src/sim/collector-post.ts';
import { createFleet } from '../../src/sim/fleet.ts';
import { KUBECOST_ROUNDING } from '../../src/sim/kubecost-allocations.ts';
import { startKubecostApi } from '../../src/sim/kubecost-api.ts';
import { watchedBatch } from '../../src/sim/kubernetes-samples.ts';
import { seriesAt } from '../../src/sim/series.ts';
import { truthOf } from '../../src/sim/truth.ts';
import { parseAgentPost } from '../../src/sources/agent/agent.ts';
import { parseCollectorPost } from '../../src/sources/collector/collector.ts';
import { createKubecostPull } from '../../src/sources/kubecost/kubecost-pull.ts';
import { SOURCE_LIMITS } from '../../src/sources/source.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { unbalancedNodes } from '../support/ledger-rows.ts';
import { pointBatch } from '../support/point-batch.ts';

/** The GPUs of a fleet through every source against what is true of them: nodes at their own price and at the book's. */

const MONDAY = Date.UTC(2026, 0, 5);
const HOUR = MONDAY + 10 * HOUR_MS;
const STEP_MS = 30 * SECOND_MS;
const CLUSTER = 'gpu';
const fleet = createFleet({ preset: 'gpu', seed: 8, start: MONDAY, alignMs: STEP_MS });

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

function* instants(): Generator<number> {
  for (let at = HOUR - 10 * MINUTE_MS; at <= HOUR + HOUR_MS + 4 * MINUTE_MS; at += STEP_MS) yield at;
}

const wire = (body: unknown): unknown => JSON.parse(JSON.stringify(body));

function collected(extended: boolean): SampleBatch {
  const batches = [...instants()].flatMap((at) =>
    [...collectorPosts(fleet, { cluster: CLUSTER, at, extended })].map(
      (body) => parseCollectorPost(wire(body), { now: at, limits: SOURCE_LIMITS }).batch,
    ),
  );
  return joined('collector', batches);
}

function reportedByAgent(): SampleBatch {
  const batches = [...instants()].map((at) => {
    const body = wire(agentPost(fleet, { cluster: CLUSTER, at }));
    return parseAgentPost(body, { now: at, limits: SOURCE_LIMITS }).batch;
  });
  return joined('agent', batches);
}

function joined(source: 'agent' | 'collector', batches: readonly SampleBatch[]): SampleBatch {
  return {
    source,
    containers: batches.flatMap(({ containers }) => containers),
    nodes: batches.flatMap(({ nodes }) => nodes),
  };
}

function scraped(): SampleBatch {
  return pointBatch(
    [...instants()].flatMap((at) =>
      Array.from(seriesAt(fleet, { cluster: CLUSTER, at }), (point) => ({ ...point, at })),
    ),
  );
}

const watched = () => watchedBatch(fleet, { cluster: CLUSTER, from: HOUR - 10 * MINUTE_MS, to: HOUR + HOUR_MS });

const Row = z.object({ namespace: z.string(), cost: z.coerce.number(), held: z.number(), used: z.number() });
type Gpus = Omit<z.infer<typeof Row>, 'namespace'>;

/** By namespace: dollars, and GPU-seconds. */
async function ledgerOf(batches: readonly SampleBatch[]): Promise<Map<string, Gpus>> {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, CLUSTER);
  for (const batch of batches) await lab.put({ tenant, cluster }, batch);
  await lab.roll();
  expect(await unbalancedNodes(lab.columnar, tenant)).toEqual([]);
  const rows = await lab.columnar.rows({
    sql: `SELECT namespace, toString(sum(c.gpu_cost)) AS cost, toFloat64(sum(gpu_seconds)) AS held, toFloat64(sum(gpu_usage_seconds)) AS used
          FROM container_hours AS c FINAL
          WHERE tenant = {tenant:UUID} AND hour = toDateTime({hour_s:UInt32}, 'UTC') AND NOT withdrawn
          GROUP BY namespace HAVING held != 0`,
    params: { tenant, hour_s: HOUR / 1_000 },
    row: Row,
  });
  return new Map(rows.map(({ namespace, ...gpus }) => [namespace, gpus]));
}

function truth(): Map<string, Gpus> {
  const [cluster] = truthOf(fleet, HOUR).clusters;
  const containers = cluster?.containers.filter(({ namespace }) => namespace === 'ml') ?? [];
  const sum = (of: (container: (typeof containers)[number]) => bigint, unit: number) =>
    Number(containers.reduce((total, container) => total + of(container), 0n)) / unit;
  const idle = cluster?.nodes.reduce((total, node) => total + node.idle.gpu, 0n) ?? 0n;
  const held = sum(({ gpuHeld }) => gpuHeld, 1e12);
  const offered = cluster?.nodes.reduce((total, { gpus, coveredMs }) => total + (gpus * coveredMs) / SECOND_MS, 0) ?? 0;
  return new Map([
    ['ml', { cost: sum(({ cost }) => cost.gpu, 1e12), held, used: sum(({ gpuUsage }) => gpuUsage, 1e12) }],
    ['__idle__', { cost: Number(idle) / 1e12, held: offered - held, used: 0 }],
  ]);
}

/** With the share by which a source may be off. */
const SOURCES: readonly [string, () => SampleBatch[], number][] = [
  ['collectors that know what pods ask for', () => [collected(true)], 1e-9],
  ['agents, which know no ends', () => [reportedByAgent()], 0.001],
  ['collectors that know usage alone, beside a watched API server', () => [collected(false), watched()], 1e-9],
  ['Prometheus', () => [scraped()], 0.001],
];

test.each(SOURCES)(
  '%s: GPUs held, and what they cost, within the share of the truth',
  async (name, batchesOf, share) => {
    const found = await ledgerOf(batchesOf());
    const want = truth();
    expect([...found.keys()].sort()).toEqual([...want.keys()].sort());
    expect(want.get('ml')?.held).toBeGreaterThan(7_200);
    for (const [namespace, { cost, held, used }] of want) {
      const got = found.get(namespace);
      expect(Math.abs((got?.cost ?? 0) / cost - 1), `${namespace}: ${got?.cost} for ${cost}`).toBeLessThan(share);
      expect(Math.abs((got?.held ?? 0) / held - 1), `${namespace}: ${got?.held} for ${held}`).toBeLessThan(share);
      if (used === 0 || name.includes('watched')) continue; // a kubelet knows nothing of GPUs
      expect(Math.abs((got?.used ?? 0) / used - 1), `${namespace}: ${got?.used} for ${used}`).toBeLessThan(share);
    }
  },
);

test('Kubecost: what GPUs cost as it states, off by the rounding of each allocation at most', async () => {
  const clock = { now: () => HOUR + 10 * HOUR_MS };
  const api = await startKubecostApi(fleet, { clock });
  try {
    const window = { from: HOUR, to: HOUR + HOUR_MS };
    const stated: SampleBatch[] = [];
    for await (const { batches } of createKubecostPull({ url: api.url, clock }).pull(
      window,
      AbortSignal.timeout(60_000),
    )) {
      stated.push(...batches.map(({ batch }) => batch));
    }
    const found = await ledgerOf(stated);
    const want = truth().get('ml');
    expect(Math.abs((found.get('ml')?.cost ?? 0) - (want?.cost ?? 0))).toBeLessThan(10 * KUBECOST_ROUNDING);
    expect(found.get('ml')?.held).toBeCloseTo(want?.held ?? 0, 0);
  } finally {
    await api.close();
  }
});
