/** What plans are made of: real instance types at real prices, and short ways to write workloads down. */
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { parseBytes, parseNanocores } from '../lib/quantity.ts';
import type { ContainerPlan, InstanceType, PoolPlan, WorkloadPlan } from './plan.ts';
import type { UsageShape } from './usage.ts';

type InstanceRow = readonly [cpu: string, memory: string, hourlyUsd: string, podsMax: number, gpus?: number];

/** AWS, us-east-1, Linux on demand. `podsMax` is what the VPC network plug-in allows. */
const INSTANCES = {
  'm5.large': ['2', '8Gi', '0.096', 29],
  'm5.xlarge': ['4', '16Gi', '0.192', 58],
  'm5.2xlarge': ['8', '32Gi', '0.384', 58],
  'c5.2xlarge': ['8', '16Gi', '0.340', 58],
  'r5.xlarge': ['4', '32Gi', '0.252', 58],
  'g4dn.xlarge': ['4', '16Gi', '0.526', 29, 1],
  'g4dn.12xlarge': ['48', '192Gi', '3.912', 234, 4],
} as const satisfies Record<string, InstanceRow>;
type InstanceName = keyof typeof INSTANCES;

export function instanceType(name: InstanceName): InstanceType {
  const row: InstanceRow = INSTANCES[name];
  const [cpu, memory, hourlyUsd, podsMax, gpus = 0] = row;
  return { name, cpuNanocores: parseNanocores(cpu), memoryBytes: parseBytes(memory), gpus, hourlyUsd, podsMax };
}

/** What a spot node costs, in percent of its price on demand. */
export const SPOT_PERCENT = 35n;

export function pool(name: string, instance: InstanceName, nodes: number, more: Partial<PoolPlan> = {}): PoolPlan {
  return { name, instance: instanceType(instance), nodes, spot: false, priced: true, nodeLifeMs: 9 * DAY_MS, ...more };
}

interface ContainerOptions {
  /** Request as `cpu/memory` (`250m/256Mi`); `-` is none. */
  readonly ask: string;
  /** Limit likewise. */
  readonly limit?: string;
  /** Usual usage likewise. */
  readonly use: string;
  /** Whole GPUs that it asks for, and keeps more or less busy. */
  readonly gpus?: number;
}

/** A container, from quantities as people write them. */
export function container(
  name: string,
  { ask, limit = '-/-', use, gpus = 0 }: ContainerOptions,
  shape: Partial<UsageShape> = {},
): ContainerPlan {
  const [cpuRequest, memoryRequest] = amounts(ask);
  const [cpuLimit, memoryLimit] = amounts(limit);
  const [cpu, memory] = amounts(use);
  return {
    name,
    cpuRequest,
    cpuLimit,
    memoryRequest,
    memoryLimit,
    gpus,
    usage: {
      cpu: cpu ?? 0,
      memory: memory ?? 0,
      gpus,
      profile: 'flat',
      burstEvery: 0,
      burstFactor: 1,
      leakPercent: 0,
      ...shape,
    },
  };
}

function amounts(text: string): [cpu: number | null, memory: number | null] {
  const [cpu = '-', memory = '-'] = text.split('/');
  return [cpu === '-' ? null : parseNanocores(cpu), memory === '-' ? null : parseBytes(memory)];
}

export type Place = Pick<WorkloadPlan, 'namespace' | 'team' | 'env'>;

type WorkloadOptions = Place & Pick<WorkloadPlan, 'name' | 'kind' | 'presence' | 'containers'> & Partial<WorkloadPlan>;

/** A workload with the usual rest: no volume, no balancer, any pool, a new version every few days. */
export function workload(options: WorkloadOptions): WorkloadPlan {
  return { versionLifeMs: 3 * DAY_MS, pools: [], volumeBytes: 0, balancer: false, ...options };
}

const systemPlace: Place = { namespace: 'kube-system', team: 'platform', env: 'shared' };

/** What runs on every node of every cluster. */
export function systemWorkloads(): WorkloadPlan[] {
  const daemon = { ...systemPlace, kind: 'DaemonSet', presence: { kind: 'every-node' }, versionLifeMs: 0 } as const;
  return [
    workload({
      ...daemon,
      name: 'kube-proxy',
      containers: [container('kube-proxy', { ask: '50m/-', use: '4m/28Mi' })],
    }),
    workload({
      ...daemon,
      name: 'node-agent',
      namespace: 'monitoring',
      versionLifeMs: 6 * DAY_MS,
      containers: [
        container('agent', { ask: '60m/128Mi', limit: '-/256Mi', use: '35m/110Mi' }, { leakPercent: 20 }),
        container('trace-agent', { ask: '20m/32Mi', use: '6m/40Mi' }),
      ],
    }),
    workload({
      ...daemon,
      name: 'log-shipper',
      namespace: 'monitoring',
      containers: [
        container('shipper', { ask: '20m/48Mi', limit: '100m/96Mi', use: '8m/50Mi' }, { profile: 'business' }),
      ],
    }),
    workload({
      ...systemPlace,
      kind: 'Deployment',
      name: 'coredns',
      presence: { kind: 'replicas', min: 2, max: 2 },
      containers: [
        container('coredns', { ask: '100m/70Mi', limit: '-/170Mi', use: '12m/30Mi' }, { profile: 'business' }),
      ],
    }),
  ];
}

/** A deployment of `min` to `max` replicas. */
export function deployment(
  name: string,
  place: Place,
  options: Partial<WorkloadPlan> & { replicas: [min: number, max: number]; containers: readonly ContainerPlan[] },
): WorkloadPlan {
  const { replicas, ...more } = options;
  return workload({
    ...place,
    kind: 'Deployment',
    name,
    presence: { kind: 'replicas', min: replicas[0], max: replicas[1] },
    ...more,
  });
}

/** A stateful set of so many replicas, with a volume of so many GiB for each. */
export function statefulSet(
  name: string,
  place: Place,
  options: Partial<WorkloadPlan> & { replicas: number; volumeGib: number; containers: readonly ContainerPlan[] },
): WorkloadPlan {
  const { replicas, volumeGib, ...more } = options;
  return workload({
    ...place,
    kind: 'StatefulSet',
    name,
    presence: { kind: 'replicas', min: replicas, max: replicas },
    volumeBytes: volumeGib * 2 ** 30,
    versionLifeMs: 0,
    ...more,
  });
}

/** A cron job whose pods are gone before most samplers look twice. */
export function shortCron(place: Place, name: string, periodMinutes: number): WorkloadPlan {
  return workload({
    ...place,
    kind: 'CronJob',
    name,
    presence: {
      kind: 'cron',
      periodMs: periodMinutes * MINUTE_MS,
      durationMinMs: 25 * SECOND_MS,
      durationMaxMs: 55 * SECOND_MS,
    },
    containers: [container('task', { ask: '200m/128Mi', use: '450m/96Mi' })],
  });
}
