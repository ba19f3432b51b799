/**
 * What the collectors of a cluster post to `/metrics`: one body for each node, at an instant of its own. Beyond the
 * original contract it tells what lets pods be charged exactly: the node's size and price, owners, requests, and when
 * a pod ended.
 */
import { formatMoney } from '../lib/money.ts';
import { formatBytes, formatNanocores } from '../lib/quantity.ts';
import { asksOf, type Quantities } from './asks.ts';
import { clusterOf, type Fleet, type FleetSlot } from './fleet.ts';
import { below, hashText, mix } from './hash.ts';
import type { NodeRun } from './node-runs.ts';
import { AFTERLIFE, type Afterlife, nodesAt, podsAt, type SeenPod } from './snapshot.ts';

/** What is asked for: the posts of one cluster's collectors at about one instant. */
export interface CollectorPostRequest extends CollectorPostOptions {
  readonly cluster: string;
  readonly at: number;
}

export interface CollectorPostOptions {
  /** Only the collector of this node. */
  readonly node?: string;
  /** Each post comes up to so much after `at`, on each node differently; default a fifth of 30 s, or 0 in an aligned fleet. */
  readonly jitterMs?: number;
  /** Whether pods list their containers; default true. */
  readonly containers?: boolean;
  /** False tells what the original contract has and nothing more; default true. */
  readonly extended?: boolean;
  /** How long ended pods are told of; must be longer than the time between posts, or some ends are never told. */
  readonly afterlife?: Afterlife;
}

export interface CollectorPost {
  readonly timestamp: string;
  readonly node_name: string;
  readonly hostname: string;
  readonly ec2_instance_id: string | null;
  readonly cluster_name?: string;
  readonly node?: CollectorNode;
  readonly pods: CollectorPod[];
}

export interface CollectorNode {
  readonly capacity: Quantities;
  readonly instance_type: string;
  readonly region: string;
  readonly zone: string;
  readonly spot: boolean;
  readonly provider_id: string;
  /** Exact decimal text; `null` where no price is known. */
  readonly hourly_cost_usd: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface CollectorPod {
  readonly pod_id: string;
  readonly namespace: string;
  readonly name: string;
  /** `null` once the pod has ended, as memory. */
  readonly cpu_usage_cores: number | null;
  readonly memory_usage_bytes: number | null;
  /** Counters since the pod's start. */
  readonly net_tx_bytes: number;
  readonly net_rx_bytes: number;
  readonly pod_start_time: string;
  readonly pod_end_time?: string;
  readonly phase?: string;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly labels?: Readonly<Record<string, string>>;
  readonly requests?: Quantities;
  readonly limits?: Quantities;
  readonly containers?: CollectorContainer[];
}

export interface CollectorContainer {
  readonly name: string;
  readonly cpu_usage_cores: number | null;
  readonly memory_usage_bytes: number | null;
  /** GPUs, of those that have any. */
  readonly gpu_usage?: number;
  readonly requests: Quantities;
  readonly limits: Quantities;
}

const NANOCORES_PER_CORE = 1_000_000_000;
const NANOS_PER_GPU = 1_000_000_000;
const JITTER_MS_DEFAULT = 6_000;
/** A pod sends so much of what it receives, in percent. */
const SENT_PERCENT = 40;

/** One body for each node, made when it is asked for. Throws AppError `not_found` for an unknown cluster. */
export function* collectorPosts(fleet: Fleet, request: CollectorPostRequest): Generator<CollectorPost> {
  const { cluster, at } = request;
  const { node: wanted, jitterMs = fleet.alignMs > 1 ? 0 : JITTER_MS_DEFAULT } = request;
  const { plan, slots } = clusterOf(fleet, cluster);
  for (const slot of slots) {
    for (const node of nodesAt(slot, at)) {
      if (wanted !== undefined && node.name !== wanted) continue;
      const instant = Math.min(node.end - 1, at + below(mix(hashText(node.name), at), jitterMs));
      yield collectorPost({ cluster, region: plan.region, slot, node, at: instant }, request);
    }
  }
}

interface Scrape {
  readonly cluster: string;
  readonly region: string;
  readonly slot: FleetSlot;
  readonly node: NodeRun;
  readonly at: number;
}

function collectorPost({ cluster, region, slot, node, at }: Scrape, options: CollectorPostOptions): CollectorPost {
  const { extended = true, containers = true, afterlife = AFTERLIFE } = options;
  const seen = podsAt(slot, at, { node, afterlife: extended ? afterlife : { completedMs: 0, deletedMs: 0 } });
  return {
    timestamp: timeText(at),
    node_name: node.name,
    hostname: node.name.slice(0, node.name.indexOf('.')),
    ec2_instance_id: node.providerId.slice(node.providerId.lastIndexOf('/') + 1),
    ...(extended && { cluster_name: cluster, node: nodeFacts(node, region) }),
    pods: Array.from(seen, (pod) => (extended ? extendedPod(pod, at, containers) : plainPod(pod, at))),
  };
}

function nodeFacts({ slot, providerId, hourlyPrice, labels }: NodeRun, region: string): CollectorNode {
  const { instance, spot } = slot.pool;
  return {
    capacity: {
      cpu: formatNanocores(instance.cpuNanocores),
      memory: formatBytes(instance.memoryBytes),
      ...(instance.gpus > 0 && { 'nvidia.com/gpu': `${instance.gpus}` }),
    },
    instance_type: instance.name,
    region,
    zone: slot.zone,
    spot,
    provider_id: providerId,
    hourly_cost_usd: hourlyPrice === null ? null : formatMoney(hourlyPrice),
    labels,
  };
}

function plainPod({ run, phase, total }: SeenPod, at: number): CollectorPod {
  const received = Math.floor(((Math.min(at, run.end) - run.start) * run.receivedBytesPerSecond) / 1_000);
  const running = phase === 'Running';
  return {
    pod_id: run.uid,
    namespace: run.placement.workload.namespace,
    name: run.name,
    cpu_usage_cores: running ? total.cpu / NANOCORES_PER_CORE : null,
    memory_usage_bytes: running ? total.memory : null,
    net_tx_bytes: Math.floor((received * SENT_PERCENT) / 100),
    net_rx_bytes: received,
    pod_start_time: timeText(run.start),
  };
}

function extendedPod(seen: SeenPod, at: number, withContainers: boolean): CollectorPod {
  const { run, phase } = seen;
  const asks = asksOf(run.placement.workload);
  return {
    ...plainPod(seen, at),
    ...(phase === 'Succeeded' && { pod_end_time: timeText(run.end) }),
    phase,
    owner: { kind: run.ownerKind, name: run.ownerName },
    labels: run.labels,
    requests: asks.requests,
    limits: asks.limits,
    ...(withContainers && { containers: containersOf(seen) }),
  };
}

function containersOf({ run, usage }: SeenPod): CollectorContainer[] {
  const { workload } = run.placement;
  const asks = asksOf(workload);
  return workload.containers.map(({ name }, i) => {
    const used = usage[i];
    const { requests, limits } = asks.containers[i] ?? asks;
    return {
      name,
      cpu_usage_cores: used ? used.cpu / NANOCORES_PER_CORE : null,
      memory_usage_bytes: used ? used.memory : null,
      ...(used && used.gpu > 0 && { gpu_usage: used.gpu / NANOS_PER_GPU }),
      requests,
      limits,
    };
  });
}

/** As the collector writes it: RFC 3339 in UTC with `+00:00`. */
function timeText(at: number): string {
  return new Date(at).toISOString().replace('Z', '+00:00');
}
