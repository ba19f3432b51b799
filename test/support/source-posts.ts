import { SECOND_MS } from '../../src/lib/clock.ts';
import type { ClusterLife, SeenAmounts, SeenNode, SeenPod, Sight } from './cluster-life.ts';

/** A body as it goes over the wire, and where to. */
export interface SourcePost {
  readonly route: '/v1/ingest' | '/metrics';
  readonly body: object;
}

/** What the sources of a cluster post of its life: an agent one body an instant, collectors one a node. */
export function postsOf(life: ClusterLife): SourcePost[] {
  return life.sights.flatMap((sight) => bodiesOf(life, sight));
}

/** The same facts in as many bodies as there are things seen: each pod in one of its own. */
export function scatteredPostsOf(life: ClusterLife): SourcePost[] {
  return life.sights.flatMap((sight) => {
    const alone = sight.pods.map((pod) => ({
      ...sight,
      nodes: sight.nodes.filter(({ name }) => name === pod.node),
      pods: [pod],
    }));
    return [{ ...sight, pods: [] }, ...alone].flatMap((part) => bodiesOf(life, part));
  });
}

function bodiesOf({ name, source }: ClusterLife, sight: Sight): SourcePost[] {
  if (source === 'agent') return [{ route: '/v1/ingest', body: agentBody(name, sight) }];
  return sight.nodes.map((node) => ({
    route: '/metrics',
    body: collectorBody(name, { ...sight, node, pods: sight.pods.filter((pod) => pod.node === node.name) }),
  }));
}

export function agentBody(cluster: string, { at, nodes, pods }: Sight) {
  return {
    cluster_name: cluster,
    timestamp: at / SECOND_MS,
    pod_metrics: pods.map((pod) => ({
      pod_name: pod.name,
      namespace: pod.namespace,
      node_name: pod.node,
      ...agentAmounts(pod.amounts),
      containers: pod.containers.map(({ name, ...amounts }) => ({ container_name: name, ...agentAmounts(amounts) })),
    })),
    node_metrics: nodes.map((node) => ({
      node_name: node.name,
      cpu_capacity: node.millicores,
      memory_capacity: node.bytes,
      hourly_cost_usd: node.price,
    })),
  };
}

function agentAmounts({ cpuUsage, cpuRequest, memoryUsage, memoryRequest }: SeenAmounts) {
  return {
    cpu_usage_millicores: cpuUsage,
    cpu_request_millicores: cpuRequest,
    memory_usage_bytes: memoryUsage,
    memory_request_bytes: memoryRequest,
  };
}

interface NodeSight {
  readonly at: number;
  readonly node: SeenNode;
  readonly pods: readonly SeenPod[];
}

function collectorBody(cluster: string, { at, node, pods }: NodeSight) {
  return {
    cluster_name: cluster,
    timestamp: new Date(at).toISOString(),
    node_name: node.name,
    hostname: node.name,
    node: { capacity: { cpu: millicores(node.millicores), memory: node.bytes }, hourly_cost_usd: node.price },
    pods: pods.map((pod) => ({
      pod_id: `uid-${pod.name}`,
      namespace: pod.namespace,
      name: pod.name,
      ...collectorAmounts(pod.amounts),
      containers: pod.containers.map(({ name, ...amounts }) => ({ name, ...collectorAmounts(amounts) })),
    })),
  };
}

function collectorAmounts({ cpuUsage, cpuRequest, memoryUsage, memoryRequest }: SeenAmounts) {
  return {
    cpu_usage_cores: millicores(cpuUsage),
    memory_usage_bytes: memoryUsage,
    requests: { cpu: millicores(cpuRequest), memory: memoryRequest },
  };
}

function millicores(amount: number | null): string | null {
  return amount === null ? null : `${amount}m`;
}
