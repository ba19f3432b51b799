/**
 * What a watch of a cluster's API server would have told: each container when it starts and when it ends, and now and then
 * that it still runs; nodes, volumes, balancers, namespaces and services now and then. Usage is not known there.
 */
import type { BalancerSample, ContainerSample, NodeSample, SampleBatch, VolumeSample } from '../core/samples.ts';
import { MINUTE_MS } from '../lib/clock.ts';
import { formatMoney } from '../lib/money.ts';
import { asksOf } from './asks.ts';
import { clusterOf, type Fleet, type FleetCluster } from './fleet.ts';
import { namespacesOf, servicesOf } from './namespaces.ts';
import type { NodeRun } from './node-runs.ts';
import type { PodRun } from './pod-runs.ts';

export interface WatchedStretch {
  readonly cluster: string;
  /** [from, to), milliseconds. */
  readonly from: number;
  readonly to: number;
  /** What runs is told again at multiples of this; default five minutes. */
  readonly heartbeatMs?: number;
}

const HEARTBEAT_MS = 5 * MINUTE_MS;
const STORAGE_CLASS = 'gp3';

/** Throws AppError `not_found` for an unknown cluster. */
export function watchedBatch(fleet: Fleet, { cluster: name, from, to, heartbeatMs }: WatchedStretch): SampleBatch {
  const cluster = clusterOf(fleet, name);
  const beats = beatsIn(from, to, heartbeatMs ?? HEARTBEAT_MS);
  const runs = cluster.pods.flatMap((pods) => [...pods.within(from, to)]);
  const nodes = cluster.slots.flatMap((slot) => slot.nodes.within(from, to));
  return {
    source: 'kubernetes',
    containers: runs.flatMap((run) => [...lifeOf(run, { from, to, beats })]),
    nodes: nodes.flatMap((node) =>
      beats.filter((at) => at >= node.start && at < node.end).map((at) => nodeSample(node, cluster, at)),
    ),
    volumes: beats.flatMap((at) => volumesAt(cluster, at)),
    balancers: beats.flatMap((at) => balancersAt(cluster, at)),
    ...descriptionsAt(cluster, beats),
  };
}

function beatsIn(from: number, to: number, everyMs: number): number[] {
  const first = Math.ceil(from / everyMs) * everyMs;
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / everyMs)) }, (_, i) => first + i * everyMs);
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly beats: readonly number[];
}

function* lifeOf(run: PodRun, { from, to, beats }: Stretch): Generator<ContainerSample> {
  for (const index of run.containers.keys()) {
    const running = (at: number) => containerSample(run, index, { at, endedAt: null });
    if (run.start >= from && run.start < to) yield running(run.start);
    for (const at of beats) if (at > run.start && at < run.end) yield running(at);
    if (run.end >= from && run.end < to) yield containerSample(run, index, { at: run.end, endedAt: run.end });
  }
}

function containerSample(
  run: PodRun,
  index: number,
  { at, endedAt }: { at: number; endedAt: number | null },
): ContainerSample {
  const { workload } = run.placement;
  const ask = asksOf(workload).containers[index];
  return {
    at,
    node: run.node.name,
    namespace: workload.namespace,
    pod: run.name,
    podUid: run.uid,
    container: workload.containers[index]?.name ?? '',
    controllerKind: workload.kind,
    controller: workload.name,
    phase: endedAt === null ? 'Running' : 'Succeeded',
    cpuUsage: null,
    cpuRequest: ask?.cpuRequest || null,
    cpuLimit: ask?.cpuLimit || null,
    memoryUsage: null,
    memoryRequest: ask?.memoryRequest || null,
    memoryLimit: ask?.memoryLimit || null,
    ...(ask?.gpus && { gpuRequest: ask.gpus * 1e9 }),
    networkReceived: null,
    networkSent: null,
    startedAt: run.start,
    endedAt,
    labels: run.labels,
  };
}

function nodeSample({ name, providerId, slot, hourlyPrice, labels }: NodeRun, { plan }: FleetCluster, at: number) {
  const { instance, spot } = slot.pool;
  return {
    at,
    node: name,
    providerId,
    instanceType: instance.name,
    region: plan.region,
    zone: slot.zone,
    spot,
    cpuCapacity: instance.cpuNanocores,
    memoryCapacity: instance.memoryBytes,
    ...(instance.gpus > 0 && { gpuCapacity: instance.gpus * 1e9 }),
    // The API server knows no prices; a fleet that has them tells them here, as an annotation would.
    hourlyCost: hourlyPrice === null ? null : formatMoney(hourlyPrice),
    labels,
  } satisfies NodeSample;
}

function volumesAt(cluster: FleetCluster, at: number): VolumeSample[] {
  return cluster.pods.flatMap((pods) => {
    const { workload, replica } = pods.placement;
    if (workload.volumeBytes === 0) return [];
    const claim = `data-${workload.name}-${replica}`;
    return [
      {
        at,
        namespace: workload.namespace,
        claim,
        volume: `pvc-${workload.namespace}-${claim}`,
        storageClass: STORAGE_CLASS,
        providerId: '',
        capacity: workload.volumeBytes,
        request: workload.volumeBytes,
        usage: null,
        pods: pods
          .within(at, at + 1)
          .map((run) => run.name)
          .sort(),
        labels: {},
      },
    ];
  });
}

/** They never change: once a stretch is enough. */
function descriptionsAt(cluster: FleetCluster, [at]: readonly number[]): Pick<SampleBatch, 'namespaces' | 'services'> {
  if (at === undefined) return {};
  return {
    namespaces: namespacesOf(cluster).map(({ name, ...rest }) => ({ at, namespace: name, ...rest })),
    services: servicesOf(cluster).map(({ name, ...rest }) => ({ at, service: name, ...rest })),
  };
}

function balancersAt({ plan }: FleetCluster, at: number): BalancerSample[] {
  return plan.workloads
    .filter(({ balancer }) => balancer)
    .map(({ namespace, name }) => ({
      at,
      namespace,
      service: name,
      ingress: `${name}.${namespace}.elb.amazonaws.com`,
      hourlyCost: null,
    }));
}
