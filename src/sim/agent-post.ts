/** What a cluster agent posts to `/v1/ingest`: the whole cluster at an instant, in whole millicores and bytes. */
import { SECOND_MS } from '../lib/clock.ts';
import { moneyToNumber } from '../lib/money.ts';
import { type Asks, asksOf } from './asks.ts';
import { clusterOf, type Fleet } from './fleet.ts';
import type { NodeRun } from './node-runs.ts';
import { AFTERLIFE, type Afterlife, nodesAt, podsAt, type SeenPod } from './snapshot.ts';
import type { Usage } from './usage.ts';

/** What is asked for: the post of one cluster's agent at an instant (cut to the second). */
export interface AgentPostRequest extends AgentPostOptions {
  readonly cluster: string;
  readonly at: number;
}

export interface AgentPostOptions {
  /** Whether pods list their containers; default true. */
  readonly containers?: boolean;
  /** Writes node fields as agents without JSON tags do (`NodeName`, `CPUCapacity`); default false. */
  readonly pascalCaseNodes?: boolean;
}

export interface AgentPost {
  readonly cluster_name: string;
  /** Whole seconds since the epoch. */
  readonly timestamp: number;
  readonly pod_metrics: AgentPod[];
  readonly namespace_costs: Record<string, AgentNamespace>;
  readonly node_metrics: (AgentNode | PascalCaseNode)[];
}

interface AgentAmounts {
  readonly cpu_usage_millicores: number;
  readonly memory_usage_bytes: number;
  readonly cpu_request_millicores: number;
  readonly memory_request_bytes: number;
  readonly cpu_limit_millicores: number;
  readonly memory_limit_bytes: number;
  /** GPUs, of those that have any. */
  readonly gpu_usage?: number;
  readonly gpu_request?: number;
}

export interface AgentPod extends AgentAmounts {
  readonly pod_name: string;
  readonly namespace: string;
  readonly node_name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: string;
  readonly qos_class: string;
  readonly containers?: (AgentAmounts & { readonly container_name: string })[];
}

interface AgentNamespace {
  namespace: string;
  pod_count: number;
  /** Sums of max(usage, request). */
  total_cpu_millicores: number;
  total_memory_bytes: number;
  /** Agents know no prices. */
  estimated_cost_usd: number;
}

export interface AgentNode {
  readonly node_name: string;
  readonly instance_type: string;
  readonly cpu_capacity: number;
  readonly memory_capacity: number;
  readonly gpu_capacity?: number;
  /** 0 where the agent knows no price. */
  readonly hourly_cost_usd: number;
}

export interface PascalCaseNode {
  readonly NodeName: string;
  readonly InstanceType: string;
  readonly CPUCapacity: number;
  readonly MemoryCapacity: number;
  readonly HourlyCostUSD: number;
}

const NANOCORES_PER_MILLICORE = 1_000_000;
const NANOS_PER_GPU = 1e9;
/** An agent lists the pods that the API server knows: finished ones for a while, deleted ones not at all. */
const LISTED: Afterlife = { ...AFTERLIFE, deletedMs: 0 };

/** Throws AppError `not_found` for an unknown cluster. */
export function agentPost(fleet: Fleet, { cluster, at, ...options }: AgentPostRequest): AgentPost {
  const { slots } = clusterOf(fleet, cluster);
  const timestamp = Math.floor(at / SECOND_MS);
  const instant = timestamp * SECOND_MS;
  const pods = slots.flatMap((slot) =>
    [...podsAt(slot, instant, { afterlife: LISTED })].map((pod) => agentPod(pod, options)),
  );
  const nodes = slots.flatMap((slot) => nodesAt(slot, instant).map(agentNode));
  return {
    cluster_name: cluster,
    timestamp,
    pod_metrics: pods,
    namespace_costs: namespaceCosts(pods),
    node_metrics: options.pascalCaseNodes ? nodes.map(pascalCase) : nodes,
  };
}

function agentPod({ run, phase, usage, total }: SeenPod, { containers = true }: AgentPostOptions): AgentPod {
  const { workload } = run.placement;
  const asks = asksOf(workload);
  const pod = {
    pod_name: run.name,
    namespace: workload.namespace,
    node_name: run.node.name,
    ...amounts(total, asks),
    labels: run.labels,
    phase,
    qos_class: asks.qosClass,
  };
  if (!containers) return pod;
  const listed = workload.containers.map(({ name }, i) => ({
    container_name: name,
    ...amounts(usage[i] ?? { cpu: 0, memory: 0, gpu: 0 }, asks.containers[i] ?? asks),
  }));
  return { ...pod, containers: listed };
}

function amounts(used: Usage, asks: Asks): AgentAmounts {
  return {
    cpu_usage_millicores: used.cpu / NANOCORES_PER_MILLICORE,
    memory_usage_bytes: used.memory,
    cpu_request_millicores: asks.cpuRequest / NANOCORES_PER_MILLICORE,
    memory_request_bytes: asks.memoryRequest,
    cpu_limit_millicores: asks.cpuLimit / NANOCORES_PER_MILLICORE,
    memory_limit_bytes: asks.memoryLimit,
    ...(asks.gpus > 0 && { gpu_usage: used.gpu / NANOS_PER_GPU, gpu_request: asks.gpus }),
  };
}

function agentNode({ name, slot, hourlyPrice }: NodeRun): AgentNode {
  const { instance } = slot.pool;
  return {
    node_name: name,
    instance_type: instance.name,
    cpu_capacity: instance.cpuNanocores / NANOCORES_PER_MILLICORE,
    memory_capacity: instance.memoryBytes,
    ...(instance.gpus > 0 && { gpu_capacity: instance.gpus }),
    hourly_cost_usd: hourlyPrice === null ? 0 : moneyToNumber(hourlyPrice),
  };
}

function pascalCase(node: AgentNode): PascalCaseNode {
  return {
    NodeName: node.node_name,
    InstanceType: node.instance_type,
    CPUCapacity: node.cpu_capacity,
    MemoryCapacity: node.memory_capacity,
    HourlyCostUSD: node.hourly_cost_usd,
  };
}

function namespaceCosts(pods: readonly AgentPod[]): Record<string, AgentNamespace> {
  const totals: Record<string, AgentNamespace> = {};
  for (const pod of pods) {
    const { namespace } = pod;
    const total = (totals[namespace] ??= {
      namespace,
      pod_count: 0,
      total_cpu_millicores: 0,
      total_memory_bytes: 0,
      estimated_cost_usd: 0,
    });
    total.pod_count += 1;
    total.total_cpu_millicores += Math.max(pod.cpu_usage_millicores, pod.cpu_request_millicores);
    total.total_memory_bytes += Math.max(pod.memory_usage_bytes, pod.memory_request_bytes);
  }
  return totals;
}
