/**
 * What OpenCost would state of an hour of a cluster: its allocations, by their keys. Its arithmetic is that of the truth, so
 * these are the truth rounded to 5 decimals, as OpenCost rounds.
 */

import type { Cost } from '../core/pricing.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { moneyToNumber, ZERO } from '../lib/money.ts';
import { clusterOf, type Fleet, type FleetCluster } from './fleet.ts';
import { type FleetNamespace, namespacesOf } from './namespaces.ts';
import type { PodRun } from './pod-runs.ts';
import type { Placement } from './scheduler.ts';
import { type ClusterTruth, type ContainerTruth, type NodeTruth, truthOf } from './truth.ts';

/** The part of an allocation that the server fills in for all of them alike. */
export interface KubecostAllocation {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly window: { readonly start: string; readonly end: string };
  readonly minutes: number;
  readonly pvs: Readonly<Record<string, { readonly byteHours: number; readonly cost: number }>> | null;
  readonly totalCost: number;
  readonly [field: string]: unknown;
}

/** Sets are complete: they hold what is idle of each node, and volumes that nothing mounts. */
export type KubecostSet = Readonly<Record<string, KubecostAllocation>>;

/** The largest difference that rounding to 5 decimals makes to one number. */
export const KUBECOST_ROUNDING = 0.000_005;

const DECIMALS = 100_000;
const SECONDS_PER_HOUR = HOUR_MS / SECOND_MS;
const SENT_SHARE = 0.4;
const NANOCORE_MS_PER_CORE_HOUR = 1e9 * HOUR_MS;
const UNMOUNTED = '__unmounted__';

/** All clusters of the fleet in one hour; `{}` before its start. Throws AppError where `hour` is not the start of one. */
export function kubecostSet(fleet: Fleet, hour: number): KubecostSet {
  if (hour + HOUR_MS <= fleet.start) return {};
  const clusters = truthOf(fleet, hour).clusters.map((truth) =>
    clusterAllocations({ truth, ...placeOf(clusterOf(fleet, truth.cluster)), from: Math.max(hour, fleet.start), hour }),
  );
  return Object.fromEntries(clusters.flat().map((allocation) => [allocation.name, allocation]));
}

function placeOf(cluster: FleetCluster): Pick<ClusterHour, 'cluster' | 'described'> {
  return { cluster, described: new Map(namespacesOf(cluster).map((namespace) => [namespace.name, namespace])) };
}

interface ClusterHour {
  readonly truth: ClusterTruth;
  readonly cluster: FleetCluster;
  readonly hour: number;
  /** What is told of the hour begins here. */
  readonly from: number;
  /** Namespaces by name. */
  readonly described: ReadonlyMap<string, FleetNamespace>;
}

function clusterAllocations(told: ClusterHour): KubecostAllocation[] {
  const { truth, cluster, hour, from } = told;
  const runs = new Map(cluster.pods.flatMap((pods) => pods.within(from, hour + HOUR_MS)).map((run) => [run.uid, run]));
  const attached = attachedCosts(told);
  const parts = Map.groupBy(truth.containers, (container) => container.podUid);
  const containers = [...parts].flatMap(([uid, containers]) =>
    containers.map((container, index) =>
      containerAllocation(told, {
        container,
        run: runs.get(uid),
        networkShare: 1 / containers.length,
        attached: index === 0 ? attached.get(uid) : undefined,
      }),
    ),
  );
  const nodes = truth.nodes.map((node) => idleAllocation(told, node));
  const unmounted = [...attached]
    .filter(([key]) => key.startsWith(UNMOUNTED))
    .map(([key, attached]) => unmountedAllocation(told, key.slice(UNMOUNTED.length + 1), attached));
  return [...containers, ...nodes, ...unmounted];
}

/** Something that pods pay for beside CPU and memory, for as long as they run. */
interface Charge {
  readonly namespace: string;
  readonly pods: FleetCluster['pods'];
  readonly cost: number;
  /** Of a volume; `null` is a balancer. */
  readonly volume: { readonly name: string; readonly byteHours: number } | null;
}

/** What comes to one pod of such charges, or to nobody of a namespace. */
interface Attached {
  readonly pvs: Record<string, { byteHours: number; cost: number }>;
  pvCost: number;
  pvByteHours: number;
  lbCost: number;
}

/** By pod uid; what no pod was there for, under `__unmounted__/<namespace>`. */
function attachedCosts(told: ClusterHour): Map<string, Attached> {
  const attached = new Map<string, Attached>();
  for (const charge of chargesOf(told)) {
    for (const [key, share] of sharesOf(charge, told)) {
      const target = attached.get(key) ?? { pvs: {}, pvCost: 0, pvByteHours: 0, lbCost: 0 };
      attached.set(key, target);
      const cost = charge.cost * share;
      if (!charge.volume) {
        target.lbCost += cost;
        continue;
      }
      const byteHours = charge.volume.byteHours * share;
      target.pvs[charge.volume.name] = { byteHours: rounded(byteHours), cost: rounded(cost) };
      target.pvCost += cost;
      target.pvByteHours += byteHours;
    }
  }
  return attached;
}

function chargesOf({ truth, cluster }: ClusterHour): Charge[] {
  const podsOf = (matches: (placement: Placement) => boolean) =>
    cluster.pods.filter(({ placement }) => matches(placement));
  const volumes = truth.volumes.map(({ namespace, claim, cost, byteSeconds }): Charge => {
    const mounts = ({ workload, replica }: Placement) =>
      workload.namespace === namespace && `data-${workload.name}-${replica}` === claim;
    const name = `cluster=${truth.cluster}:name=pv-${namespace}-${claim}`;
    const byteHours = Number(byteSeconds) / SECONDS_PER_HOUR;
    return { namespace, pods: podsOf(mounts), cost: moneyToNumber(cost), volume: { name, byteHours } };
  });
  const balancers = truth.balancers.map(({ namespace, service, cost }): Charge => {
    const serves = ({ workload }: Placement) => workload.namespace === namespace && workload.name === service;
    return { namespace, pods: podsOf(serves), cost: moneyToNumber(cost), volume: null };
  });
  return [...volumes, ...balancers];
}

/** A volume is shared by time; a balancer falls on its pods whole, by theirs. What is left is nobody's. */
function sharesOf({ namespace, pods, volume }: Charge, { from, hour }: ClusterHour): [key: string, share: number][] {
  const to = hour + HOUR_MS;
  const runs = pods.flatMap((pods) => pods.within(from, to));
  const times = runs.map((run) => Math.min(run.end, to) - Math.max(run.start, from));
  const totalMs = times.reduce((sum, ms) => sum + ms, 0);
  const wholeMs = volume || totalMs === 0 ? to - from : totalMs;
  const shares = runs.map((run, index): [string, number] => [run.uid, (times[index] ?? 0) / wholeMs]);
  return totalMs < wholeMs ? [...shares, [`${UNMOUNTED}/${namespace}`, 1 - totalMs / wholeMs]] : shares;
}

interface ContainerParts {
  readonly container: ContainerTruth;
  readonly run: PodRun | undefined;
  /** The pod's traffic is told of its containers in equal parts. */
  readonly networkShare: number;
  readonly attached: Attached | undefined;
}

function containerAllocation(told: ClusterHour, { container, run, networkShare, attached }: ContainerParts) {
  const { cluster } = told.truth;
  const { node, namespace, pod } = container;
  const received = ((run?.receivedBytesPerSecond ?? 0) * container.runMs * networkShare) / SECOND_MS;
  const start = Math.max(container.startedAt, told.from);
  return allocation(told, {
    name: [cluster, node, namespace, pod, container.container].join('/'),
    properties: {
      cluster,
      node,
      container: container.container,
      controller: container.controller,
      controllerKind: container.controllerKind.toLowerCase(),
      namespace,
      pod,
      providerID: run?.node.providerId.replace(/^.*\//, '') ?? '',
      labels: sanitizedKeys(container.labels),
      namespaceLabels: sanitizedKeys(told.described.get(namespace)?.labels ?? {}),
      namespaceAnnotations: sanitizedKeys(told.described.get(namespace)?.annotations ?? {}),
    },
    start,
    runMs: container.runMs,
    cpuCoreHours: Number(container.cpuHeld) / NANOCORE_MS_PER_CORE_HOUR,
    cpuRequest: Number(container.cpuRequest) / container.runMs / 1e9,
    cpuUsage: Number(container.cpuUsage) / container.runMs / 1e9,
    ramByteHours: Number(container.memoryHeld) / HOUR_MS,
    ramRequest: Number(container.memoryRequest) / container.runMs,
    ramUsage: Number(container.memoryUsage) / container.runMs,
    received,
    gpuHours: Number(container.gpuHeld) / 1e9 / HOUR_MS,
    gpuRequest: Number(container.gpuRequest) / container.runMs / 1e9,
    gpuUsage: Number(container.gpuUsage) / container.runMs / 1e9,
    cost: container.cost,
    attached,
  });
}

/** Of idle capacity OpenCost states the cost and nothing else; its provider id is the node's name. */
function idleAllocation(told: ClusterHour, { node, coveredMs, idle }: NodeTruth) {
  const { cluster } = told.truth;
  const properties = { cluster, node, providerID: node };
  const name = `${cluster}/${node}/__idle__`;
  return allocation(told, { name, properties, start: told.from, runMs: coveredMs, cost: idle });
}

function unmountedAllocation(told: ClusterHour, namespace: string, attached: Attached) {
  const { cluster } = told.truth;
  const properties = { cluster, node: '', container: UNMOUNTED, namespace, pod: UNMOUNTED };
  const name = [cluster, '', namespace, UNMOUNTED, UNMOUNTED].join('/');
  return allocation(told, { name, properties, start: told.from, runMs: told.hour + HOUR_MS - told.from, attached });
}

/** In the server's units, before rounding. */
interface Stated {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly start: number;
  readonly runMs: number;
  readonly cpuCoreHours?: number;
  readonly cpuRequest?: number;
  readonly cpuUsage?: number;
  readonly ramByteHours?: number;
  readonly ramRequest?: number;
  readonly ramUsage?: number;
  readonly gpuHours?: number;
  readonly gpuRequest?: number;
  readonly gpuUsage?: number;
  readonly received?: number;
  readonly cost?: Cost;
  readonly attached?: Attached | undefined;
}

function allocation({ hour }: ClusterHour, stated: Stated): KubecostAllocation {
  const { name, properties, start, runMs, cpuCoreHours = 0, ramByteHours = 0, received = 0, attached } = stated;
  const hours = runMs / HOUR_MS;
  const cpuCost = moneyToNumber(stated.cost?.cpu ?? ZERO);
  const ramCost = moneyToNumber(stated.cost?.ram ?? ZERO);
  const gpuCost = moneyToNumber(stated.cost?.gpu ?? ZERO);
  const { gpuHours = 0 } = stated;
  const { pvCost = 0, pvByteHours = 0, lbCost = 0 } = attached ?? {};
  const pvs = attached && Object.keys(attached.pvs).length > 0 ? attached.pvs : null;
  const numbers = {
    minutes: runMs / MINUTE_MS,
    cpuCores: cpuCoreHours / hours,
    cpuCoreRequestAverage: stated.cpuRequest ?? 0,
    cpuCoreUsageAverage: stated.cpuUsage ?? 0,
    cpuCoreHours,
    cpuCost,
    cpuCostAdjustment: 0,
    gpuCount: gpuHours / hours,
    gpuHours,
    gpuRequestAverage: stated.gpuRequest ?? 0,
    gpuUsageAverage: stated.gpuUsage ?? 0,
    gpuCost,
    gpuCostAdjustment: 0,
    networkTransferBytes: received * SENT_SHARE,
    networkReceiveBytes: received,
    networkCost: 0,
    loadBalancerCost: lbCost,
    pvBytes: pvByteHours / hours,
    pvByteHours,
    pvCost,
    ramBytes: ramByteHours / hours,
    ramByteRequestAverage: stated.ramRequest ?? 0,
    ramByteUsageAverage: stated.ramUsage ?? 0,
    ramByteHours,
    ramCost,
    ramCostAdjustment: 0,
    externalCost: 0,
    sharedCost: 0,
    totalCost: cpuCost + ramCost + gpuCost + pvCost + lbCost,
  };
  return {
    name,
    properties,
    window: { start: secondsText(hour), end: secondsText(hour + HOUR_MS) },
    start: secondsText(start),
    end: secondsText(start + runMs),
    ...roundedAll(numbers),
    pvs,
  };
}

function roundedAll<K extends string>(numbers: Readonly<Record<K, number>>): Record<K, number>;
function roundedAll(numbers: Readonly<Record<string, number>>) {
  return Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, rounded(value)]));
}

function rounded(value: number): number {
  return Math.round(value * DECIMALS) / DECIMALS;
}

/** Prometheus knows no such characters in the name of a label. */
function sanitizedKeys(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key.replaceAll(/[^a-zA-Z0-9_]/g, '_'), text]));
}

function secondsText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
