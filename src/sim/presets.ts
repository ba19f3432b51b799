/** Fleets ready to use: a small one for tests, one worth looking at, and one of any size for measuring. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import { container, type Place, pool, shortCron, systemWorkloads, workload } from './catalog.ts';
import { demoProduction, demoStaging } from './demo-plan.ts';
import type { ClusterPlan, WorkloadPlan } from './plan.ts';

export type Preset =
  /** One cluster, 3 nodes, about 25 pods. */
  | { readonly preset: 'small' }
  /** One cluster, 4 nodes, 3 of them with GPUs. */
  | { readonly preset: 'gpu' }
  /** Two clusters, 24 nodes, about 300 pods in 8 namespaces. */
  | { readonly preset: 'demo' }
  /** As many containers as asked, one a pod, shared out among `clusters` (default 1). */
  | { readonly preset: 'bench'; readonly containers: number; readonly clusters?: number };

export function planOf(preset: Preset): ClusterPlan[] {
  if (preset.preset === 'small') return [smallPlan()];
  if (preset.preset === 'gpu') return [gpuPlan()];
  if (preset.preset === 'demo') return [demoProduction(), demoStaging()];
  return benchPlan(preset.containers, preset.clusters ?? 1);
}

function smallPlan(): ClusterPlan {
  const shop: Place = { namespace: 'shop', team: 'storefront', env: 'test' };
  const data: Place = { namespace: 'data', team: 'insight', env: 'test' };
  return {
    name: 'small',
    region: 'us-east-1',
    zones: ['us-east-1a', 'us-east-1b'],
    pools: [
      pool('general', 'm5.xlarge', 1),
      pool('unpriced', 'm5.large', 1, { priced: false }),
      pool('spot', 'c5.2xlarge', 1, { spot: true, nodeLifeMs: 5 * HOUR_MS }),
    ],
    workloads: [...systemWorkloads(), ...smallShop(shop), ...smallData(data)],
  };
}

function gpuPlan(): ClusterPlan {
  const ml: Place = { namespace: 'ml', team: 'insight', env: 'test' };
  const busy = { profile: 'flat' } as const;
  return {
    name: 'gpu',
    region: 'us-east-1',
    zones: ['us-east-1a'],
    pools: [
      pool('general', 'm5.xlarge', 1),
      pool('gpu', 'g4dn.xlarge', 2),
      pool('large', 'g4dn.12xlarge', 1, { priced: false }),
    ],
    workloads: [
      ...systemWorkloads(),
      workload({
        ...ml,
        kind: 'Deployment',
        name: 'serving',
        presence: { kind: 'replicas', min: 2, max: 2 },
        pools: ['gpu'],
        versionLifeMs: 5 * HOUR_MS,
        containers: [container('serve', { ask: '2/4Gi', use: '900m/3Gi', gpus: 1 }, busy)],
      }),
      workload({
        ...ml,
        kind: 'CronJob',
        name: 'train',
        presence: {
          kind: 'cron',
          periodMs: 20 * MINUTE_MS,
          durationMinMs: 9 * MINUTE_MS,
          durationMaxMs: 14 * MINUTE_MS,
        },
        pools: ['large'],
        containers: [container('train', { ask: '8/32Gi', use: '6/30Gi', gpus: 2 }, busy)],
      }),
    ],
  };
}

function smallShop(shop: Place): WorkloadPlan[] {
  return [
    workload({
      ...shop,
      kind: 'Deployment',
      name: 'web',
      presence: { kind: 'replicas', min: 3, max: 6 },
      versionLifeMs: 7 * HOUR_MS,
      balancer: true,
      containers: [
        container(
          'web',
          { ask: '200m/256Mi', limit: '1/512Mi', use: '120m/200Mi' },
          { profile: 'business', burstEvery: 12, burstFactor: 3 },
        ),
        container('proxy', { ask: '20m/32Mi', use: '35m/30Mi' }, { profile: 'business' }),
      ],
    }),
    workload({
      ...shop,
      kind: 'Deployment',
      name: 'worker',
      presence: { kind: 'replicas', min: 2, max: 2 },
      pools: ['spot'],
      containers: [container('worker', { ask: '3/2Gi', use: '150m/512Mi' })],
    }),
    shortCron(shop, 'sitemap', 5),
  ];
}

function smallData(data: Place): WorkloadPlan[] {
  return [
    workload({
      ...data,
      kind: 'Deployment',
      name: 'notebook',
      presence: { kind: 'replicas', min: 2, max: 2 },
      pools: ['spot'],
      versionLifeMs: 0,
      containers: [container('notebook', { ask: '-/-', use: '900m/1Gi' }, { profile: 'flat', leakPercent: 25 })],
    }),
    workload({
      ...data,
      kind: 'StatefulSet',
      name: 'postgres',
      presence: { kind: 'replicas', min: 2, max: 2 },
      pools: ['general', 'unpriced'],
      versionLifeMs: 0,
      volumeBytes: 20 * 2 ** 30,
      containers: [container('postgres', { ask: '300m/1Gi', limit: '-/2Gi', use: '90m/900Mi' })],
    }),
    workload({
      ...data,
      kind: 'CronJob',
      name: 'report',
      presence: { kind: 'cron', periodMs: HOUR_MS, durationMinMs: 4 * MINUTE_MS, durationMaxMs: 9 * MINUTE_MS },
      containers: [container('report', { ask: '100m/128Mi', use: '600m/400Mi' })],
    }),
  ];
}

/** Containers of one pod each, 30 to a node; deployments of 50, ten of them to a namespace. */
const BENCH = { podsPerNode: 30, replicas: 50, workloadsPerNamespace: 10 };

function benchPlan(containers: number, clusters: number): ClusterPlan[] {
  return Array.from({ length: clusters }, (_, i) => {
    const share = Math.floor((containers * (i + 1)) / clusters) - Math.floor((containers * i) / clusters);
    return {
      name: `bench-${i + 1}`,
      region: 'us-east-1',
      zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
      pools: [pool('bench', 'm5.2xlarge', Math.ceil(share / BENCH.podsPerNode), { nodeLifeMs: 30 * DAY_MS })],
      workloads: Array.from({ length: Math.ceil(share / BENCH.replicas) }, (_, w) => {
        const replicas = Math.min(BENCH.replicas, share - w * BENCH.replicas);
        return benchWorkload(w, replicas);
      }),
    };
  });
}

function benchWorkload(index: number, replicas: number): WorkloadPlan {
  const group = Math.floor(index / BENCH.workloadsPerNamespace);
  return workload({
    namespace: `ns-${group}`,
    team: `team-${group % 12}`,
    env: 'bench',
    kind: 'Deployment',
    name: `app-${index}`,
    presence: { kind: 'replicas', min: replicas, max: replicas },
    versionLifeMs: 5 * DAY_MS,
    containers: [container('app', { ask: '150m/256Mi', limit: '-/512Mi', use: '80m/200Mi' }, { profile: 'business' })],
  });
}
