import { MINUTE_MS } from '../lib/clock.ts';
import type { NodeFacts } from './node-facts.ts';
import type { NodeReading, PodReading, Usage } from './reading.ts';

/** The body of `POST /metrics`: the documented fields, and what the contract takes beyond them. */
export interface CollectorPost {
  readonly timestamp: string;
  readonly node_name: string;
  readonly hostname: string;
  readonly ec2_instance_id: string | null;
  readonly cluster_name?: string;
  readonly node?: NodeFacts;
  readonly pods: readonly CollectorPod[];
}

interface CollectorPod {
  readonly pod_id: string;
  readonly namespace: string;
  readonly name: string;
  readonly cpu_usage_cores: number | null;
  /** Core-seconds. */
  readonly cpu_usage_cum: number | null;
  readonly memory_usage_bytes: number | null;
  readonly net_tx_bytes: number | null;
  readonly net_rx_bytes: number | null;
  readonly pod_start_time: string | null;
  readonly containers: readonly (Resources & { readonly name: string })[];
}

type Resources = Pick<CollectorPod, 'cpu_usage_cores' | 'cpu_usage_cum' | 'memory_usage_bytes'>;

/** What a post says beside the kubelet's reading. */
export interface NodeIdentity {
  /** As the API server calls it; null takes the kubelet's word. */
  readonly node: string | null;
  readonly hostname: string;
  readonly cluster: string | null;
  readonly instanceId: string | null;
  readonly facts: NodeFacts | null;
}

/** Further from our clock than this the kubelet's own times are not believed. */
const KUBELET_CLOCK_MS_MAX = 10 * MINUTE_MS;
const NANO = 1e9;

/** Makes the posts of one node, one reading after the other. */
export function createPostMaker(): (reading: NodeReading, identity: NodeIdentity, now: number) => CollectorPost {
  /** By uid, the earliest start that was seen: that of a pod does not move when its only container restarts. */
  let starts = new Map<string, number>();
  return (reading, identity, now) => {
    const known = new Map<string, number>();
    for (const { uid, startedAt } of reading.pods) {
      const start = Math.min(starts.get(uid) ?? Number.POSITIVE_INFINITY, startedAt ?? Number.POSITIVE_INFINITY);
      if (Number.isFinite(start)) known.set(uid, start);
    }
    starts = known;
    const { facts, cluster } = identity;
    return {
      timestamp: timeText(timeOf(reading, now)),
      node_name: identity.node ?? reading.node,
      hostname: identity.hostname,
      ec2_instance_id: identity.instanceId,
      ...(cluster === null ? {} : { cluster_name: cluster }),
      ...(facts === null ? {} : { node: facts }),
      pods: reading.pods.map((pod) => podOf(pod, known.get(pod.uid) ?? null)),
    };
  };
}

function timeOf({ at }: NodeReading, now: number): number {
  return at !== null && Math.abs(at - now) <= KUBELET_CLOCK_MS_MAX ? at : now;
}

function podOf(pod: PodReading, startedAt: number | null): CollectorPod {
  return {
    pod_id: pod.uid,
    namespace: pod.namespace,
    name: pod.name,
    ...resourcesOf(pod.usage),
    net_tx_bytes: pod.sentBytes,
    net_rx_bytes: pod.receivedBytes,
    pod_start_time: startedAt === null ? null : timeText(startedAt),
    containers: pod.containers.map(({ name, usage }) => ({ name, ...resourcesOf(usage) })),
  };
}

function resourcesOf({ cores, coreSeconds, memoryBytes }: Usage): Resources {
  return {
    cpu_usage_cores: cores === null ? null : Math.round(cores * NANO) / NANO,
    cpu_usage_cum: coreSeconds,
    memory_usage_bytes: memoryBytes === null ? null : Math.round(memoryBytes),
  };
}

/** As collectors write it: RFC 3339 in UTC with `+00:00`. */
function timeText(at: number): string {
  return new Date(at).toISOString().replace('Z', '+00:00');
}
