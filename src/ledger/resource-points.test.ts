import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { pointBatch, type Scraped } from '../../test/support/point-batch.ts';
import { ledgerManagement } from '../../test/support/resources.ts';
import { MINUTE_MS } from '../lib/clock.ts';

/** What the ledger makes of scrapes that tell of GPUs, of traffic by where it goes, and of the fee for the cluster. */

const HOUR = Date.UTC(2026, 0, 5, 10);
const GIB = 2 ** 30;

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

type Labels = Readonly<Record<string, string>>;
type Told = readonly [metric: string, labels: Labels, value: number | ((minute: number) => number)];

const NODE = { node: 'n1' };
const APP = { namespace: 'ml', pod: 'train', container: 'app', ...NODE };
const SIZE: readonly Told[] = [
  ['container_cpu_usage_seconds_total', APP, (minute) => minute * 60],
  ['kube_node_status_capacity', { ...NODE, resource: 'cpu' }, 4],
  ['kube_node_status_capacity', { ...NODE, resource: 'memory' }, 2 ** 34],
];
const capacity = (resource: string, count: number): Told => ['kube_node_status_capacity', { ...NODE, resource }, count];
const asked = (resource: string, count: number): Told => [
  'kube_pod_container_resource_requests',
  { ...APP, resource },
  count,
];

const Row = z.object({
  namespace: z.string(),
  held: z.number(),
  used: z.number(),
  asked: z.number(),
  gpu_cost: z.string(),
  zone: z.coerce.number(),
  region: z.coerce.number(),
  internet: z.coerce.number(),
  network_cost: z.string(),
});

/** What `told` at every minute of the hour comes to; by namespace. */
async function hourOf(...told: readonly Told[]) {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'resources');
  const scraped = Array.from({ length: 60 }, (_, minute) =>
    [...SIZE, ...told].map(
      ([name, labels, value]): Scraped => ({
        labels: { __name__: name, ...labels },
        at: HOUR + minute * MINUTE_MS,
        value: typeof value === 'number' ? value : value(minute),
      }),
    ),
  ).flat();
  await lab.put({ tenant, cluster }, pointBatch(scraped));
  await lab.roll();
  const rows = await lab.columnar.rows({
    sql: `SELECT namespace, round(toFloat64(gpu_seconds) / 3600, 6) AS held, round(toFloat64(gpu_usage_seconds) / 3600, 6) AS used,
            round(toFloat64(gpu_request_seconds) / 3600, 6) AS asked, toString(c.gpu_cost) AS gpu_cost,
            network_zone_bytes AS zone, network_region_bytes AS region, network_internet_bytes AS internet,
            toString(network_cross_zone_cost + network_cross_region_cost + network_internet_cost) AS network_cost
          FROM container_hours AS c FINAL
          WHERE tenant = {tenant:UUID} AND hour = toDateTime({hour_s:UInt32}, 'UTC') AND NOT withdrawn`,
    params: { tenant, hour_s: HOUR / 1_000 },
    row: Row,
  });
  const [node] = await lab.columnar.rows({
    sql: `SELECT toFloat64(gpu_capacity_seconds) / 3600 AS gpus FROM node_hours FINAL
          WHERE tenant = {tenant:UUID} AND hour = toDateTime({hour_s:UInt32}, 'UTC') AND NOT withdrawn`,
    params: { tenant, hour_s: HOUR / 1_000 },
    row: z.object({ gpus: z.number() }),
  });
  return { tenant, gpus: node?.gpus, ...Object.fromEntries(rows.map(({ namespace, ...row }) => [namespace, row])) };
}

const busy = (labels: Labels, value: number): Told => ['DCGM_FI_PROF_GR_ENGINE_ACTIVE', { ...APP, ...labels }, value];

describe('GPUs', () => {
  test.each<[string, Told[], object]>([
    [
      'a whole one is held by who asks for it, however busy it is',
      [capacity('nvidia_com_gpu', 2), asked('nvidia_com_gpu', 1), busy({ gpu: '0' }, 0.25)],
      { gpus: 2, ml: { held: 1, used: 0.25, asked: 1, gpu_cost: '0.95' }, __idle__: { held: 1, gpu_cost: '0.95' } },
    ],
    [
      'those of one container are added up',
      [capacity('amd_com_gpu', 2), busy({ gpu: '0' }, 0.5), busy({ gpu: '1' }, 0.75)],
      { gpus: 2, ml: { held: 1.25, used: 1.25, asked: 0, gpu_cost: '1.1875' }, __idle__: { gpu_cost: '0.7125' } },
    ],
    [
      'a slice is its part of one, and so is how busy it is',
      [
        capacity('nvidia_com_mig_1g_5gb', 7),
        asked('nvidia_com_mig_1g_5gb', 2),
        busy({ GPU_I_PROFILE: '1g.5gb', GPU_I_ID: '7' }, 0.5),
      ],
      { gpus: 1, ml: { held: 0.285714, used: 0.071429, asked: 0.285714 } },
    ],
    [
      'utilisation in per cent counts where nothing finer is told',
      [capacity('nvidia_com_gpu', 1), ['DCGM_FI_DEV_GPU_UTIL', { ...APP, gpu: '0' }, 40]],
      { gpus: 1, ml: { used: 0.4 } },
    ],
    [
      "OpenCost's own words count where kube-state-metrics tells of none",
      [
        ['node_gpu_count', { ...NODE, instance_type: 'g4dn.xlarge' }, 1],
        ['container_gpu_allocation', APP, 1],
      ],
      { gpus: 1, ml: { held: 1, asked: 1, gpu_cost: '0.95' } },
    ],
    [
      'what counts something else of a GPU is none',
      [capacity('nvidia_com_gpu', 1), capacity('nvidia_com_gpumem', 24_000), asked('nvidia_com_gpumem', 8_000)],
      { gpus: 1, ml: { held: 0, gpu_cost: '0' }, __idle__: { gpu_cost: '0.95' } },
    ],
    [
      'a GPU that nobody holds is not held by the exporter that tells of it',
      [
        capacity('nvidia_com_gpu', 1),
        busy({ namespace: 'gpu-operator', pod: 'nvidia-dcgm-exporter-x1', container: 'exporter' }, 0.5),
      ],
      { gpus: 1, ml: { used: 0 }, __idle__: { held: 1 } },
    ],
  ])('%s', async (_, told, want) => {
    const hour = await hourOf(...told);
    expect(hour).toMatchObject(want);
    expect(hour).not.toHaveProperty('gpu-operator');
  });
});

describe('traffic', () => {
  const COUNTER = { pod: 'network-costs-x1', namespace: 'ml', node: 'n1', pod_name: 'train' };
  const sent = (where: Labels, gib: number): Told => [
    'kubecost_pod_network_egress_bytes_total',
    { ...COUNTER, ...where },
    (minute) => 5 * GIB + (gib * GIB * minute) / 59,
  ];

  test.each<[string, Labels, Labels, Labels]>([
    [
      'new spelling',
      { internet: 'true', same_zone: 'false', same_region: 'false' },
      { internet: 'false', same_zone: 'false', same_region: 'false' },
      { internet: 'false', same_zone: 'false', same_region: 'true' },
    ],
    [
      'old spelling',
      { internet: 'true', sameZone: 'false', sameRegion: 'false' },
      { internet: 'false', sameZone: 'false', sameRegion: 'false' },
      { internet: 'false', sameZone: 'false', sameRegion: 'true' },
    ],
  ])('is paid for by the GiB, by where it went, by the pod that sent it: %s', async (_, internet, region, zone) => {
    const near = { internet: 'false', same_zone: 'true', same_region: 'true' };
    const hour = await hourOf(sent(internet, 10), sent(region, 4), sent(zone, 2), sent(near, 100));
    expect(hour).toMatchObject({ ml: { internet: 10 * GIB, region: 4 * GIB, zone: 2 * GIB } });
    // 10 × 0.12 (internet) + 4 × 0.01 (region) + 2 × 0.01 (zone)
    expect(hour).toMatchObject({ ml: { network_cost: '1.26' }, __idle__: { network_cost: '0' } });
  });
});

test('the fee for managing the cluster is what OpenCost tells, and the book’s where nobody does', async () => {
  const told = await hourOf(['kubecost_cluster_management_cost', { provisioner_name: 'EKS' }, 0.1]);
  expect(await ledgerManagement(lab, told.tenant)).toBe('0.1');
  expect(await ledgerManagement(lab, (await hourOf()).tenant)).toBe('0');
});
