/**
 * What really happened in an hour, integrated exactly: usage is constant on segments, so every integral is a finite sum of
 * whole numbers. Costs follow by the arithmetic of `core/pricing.ts`, as the ledger should find them.
 */

import {
  type Cost,
  chargeContainer,
  costOver,
  DEFAULT_PRICE_BOOK,
  leftOver,
  type NodeCost,
  type PriceBook,
  priceNode,
  type ResourceTime,
  storageCost,
} from '../core/pricing.ts';
import { HOUR_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Money } from '../lib/money.ts';
import type { Fleet, FleetCluster } from './fleet.ts';
import { type Grain, integrate, type RunIntegral, type Window } from './integral.ts';
import type { NodeRun } from './node-runs.ts';
import type { PodRun } from './pod-runs.ts';

export interface TruthOptions {
  readonly book?: PriceBook;
  /** `pod` adds up the containers of each pod before requests and usage are compared, as a source that sees no containers must. */
  readonly grain?: Grain;
}

export interface HourTruth {
  readonly hour: number;
  readonly clusters: readonly ClusterTruth[];
}

export interface ClusterTruth {
  readonly cluster: string;
  readonly nodes: readonly NodeTruth[];
  readonly containers: readonly ContainerTruth[];
  readonly volumes: readonly VolumeTruth[];
  readonly balancers: readonly BalancerTruth[];
}

export interface NodeTruth {
  readonly node: string;
  readonly spot: boolean;
  readonly coveredMs: number;
  readonly cpuCapacity: number;
  readonly memoryCapacity: number;
  readonly gpus: number;
  readonly hourlyPrice: Money | null;
  readonly cost: NodeCost;
  /** What no container was charged; negative where more was held than there was. */
  readonly idle: Cost;
}

/** One container (or pod: `container` is `''`) in an hour; its amounts are those of `RunIntegral`. */
export interface ContainerTruth extends RunIntegral {
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly container: string;
  readonly controllerKind: string;
  readonly controller: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly cost: Cost;
}

export interface VolumeTruth {
  readonly namespace: string;
  readonly claim: string;
  readonly bytes: number;
  readonly byteSeconds: bigint;
  readonly cost: Money;
}

export interface BalancerTruth {
  readonly namespace: string;
  readonly service: string;
  readonly runMs: number;
  readonly cost: Money;
}

/** The truth of the hour that starts at `hour`; of the fleet's first hour, what follows its start. */
export function truthOf(fleet: Fleet, hour: number, options: TruthOptions = {}): HourTruth {
  if (hour % HOUR_MS !== 0) {
    throw new AppError('invalid_request', `cannot tell the truth of ${hour}: not the start of an hour`);
  }
  if (hour + HOUR_MS <= fleet.start) {
    throw new AppError(
      'timestamp_out_of_range',
      `cannot tell the truth of ${hour}: the fleet starts at ${fleet.start}`,
    );
  }
  const window = { from: Math.max(hour, fleet.start), to: hour + HOUR_MS };
  return { hour, clusters: fleet.clusters.map((cluster) => clusterTruth(cluster, window, options)) };
}

function clusterTruth(cluster: FleetCluster, window: Window, options: TruthOptions): ClusterTruth {
  const { book = DEFAULT_PRICE_BOOK, grain = 'container' } = options;
  const pods = cluster.pods.flatMap((pods) => pods.within(window.from, window.to));
  const podsByNode = Map.groupBy(pods, (run) => run.node.name);
  const told = cluster.slots
    .flatMap((slot) => slot.nodes.within(window.from, window.to))
    .map((node) => nodeTruth(node, podsByNode.get(node.name) ?? [], { window, book, grain }));
  return {
    cluster: cluster.name,
    nodes: told.map(({ node }) => node),
    containers: told.flatMap(({ containers }) => containers),
    volumes: volumesOf(cluster, window, book),
    balancers: balancersOf(cluster, window, book),
  };
}

type Settings = Required<TruthOptions> & { readonly window: Window };

function nodeTruth(
  node: NodeRun,
  pods: readonly PodRun[],
  { window, book, grain }: Settings,
): { node: NodeTruth; containers: ContainerTruth[] } {
  const { instance, spot } = node.slot.pool;
  const coveredMs = Math.min(node.end, window.to) - Math.max(node.start, window.from);
  const capacity = resourceTime(
    BigInt(instance.cpuNanocores) * BigInt(coveredMs),
    BigInt(instance.memoryBytes) * BigInt(coveredMs),
    BigInt(instance.gpus) * 1_000_000_000n * BigInt(coveredMs),
  );
  const reported = node.hourlyPrice === null ? null : costOver(node.hourlyPrice, coveredMs);
  const cost = priceNode({ capacity, spot, reported }, book);
  const containers = pods.flatMap((run) =>
    integrate(run, window, grain).map((integral) => ({
      ...identityOf(run),
      ...integral,
      cost: chargeContainer(resourceTime(integral.cpuHeld, integral.memoryHeld, integral.gpuHeld), capacity, cost),
    })),
  );
  const idle = leftOver(
    cost,
    containers.map((container) => container.cost),
  );
  const facts = { node: node.name, spot, hourlyPrice: node.hourlyPrice, coveredMs };
  return {
    node: {
      ...facts,
      cpuCapacity: instance.cpuNanocores,
      memoryCapacity: instance.memoryBytes,
      gpus: instance.gpus,
      cost,
      idle,
    },
    containers,
  };
}

function identityOf(run: PodRun): Omit<ContainerTruth, 'cost' | keyof RunIntegral> {
  const { workload } = run.placement;
  return {
    node: run.node.name,
    namespace: workload.namespace,
    pod: run.name,
    podUid: run.uid,
    controllerKind: workload.kind,
    controller: workload.name,
    labels: run.labels,
    startedAt: run.start,
    endedAt: run.end,
  };
}

/** The ledger's grain, cut off below as it does. */
function resourceTime(nanocoreMs: bigint, byteMs: bigint, nanoGpuMs: bigint): ResourceTime {
  return { cpu: nanocoreMs / 1_000_000n, ram: byteMs / 1_000n, gpu: nanoGpuMs / 1_000_000n };
}

/** Claims stay whether or not their pod runs. */
function volumesOf(cluster: FleetCluster, { from, to }: Window, book: PriceBook): VolumeTruth[] {
  return cluster.pods.flatMap(({ placement: { workload, replica } }) => {
    if (workload.volumeBytes === 0) return [];
    const byteSeconds = (BigInt(workload.volumeBytes) * BigInt(to - from)) / 1_000n;
    const claim = `data-${workload.name}-${replica}`;
    return [
      {
        namespace: workload.namespace,
        claim,
        bytes: workload.volumeBytes,
        byteSeconds,
        cost: storageCost(byteSeconds, book),
      },
    ];
  });
}

function balancersOf(cluster: FleetCluster, { from, to }: Window, book: PriceBook): BalancerTruth[] {
  const served = cluster.plan.workloads.filter((workload) => workload.balancer);
  return served.map(({ namespace, name }) => ({
    namespace,
    service: name,
    runMs: to - from,
    cost: costOver(book.balancerHour, to - from),
  }));
}
