/** What the kubelet of a node says at `/stats/summary`: what runs there right now, and what it has used so far. */
import { SECOND_MS } from '../lib/clock.ts';
import { clusterOf, type Fleet } from './fleet.ts';
import { integrate } from './integral.ts';
import { nodesAt, podsAt, type SeenPod } from './snapshot.ts';

export interface KubeletSummaryRequest {
  readonly cluster: string;
  readonly node: string;
  readonly at: number;
}

export interface KubeletSummary {
  readonly node: { readonly nodeName: string; readonly startTime: string; readonly cpu: Cpu; readonly memory: Memory };
  readonly pods: readonly SummaryPod[];
}

export interface SummaryPod {
  readonly podRef: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly startTime: string;
  readonly cpu: Cpu;
  readonly memory: Memory;
  readonly network: {
    readonly time: string;
    readonly name: string;
    readonly rxBytes: number;
    readonly txBytes: number;
    readonly interfaces: readonly { readonly name: string; readonly rxBytes: number; readonly txBytes: number }[];
  };
  readonly containers: readonly {
    readonly name: string;
    readonly startTime: string;
    readonly cpu: Cpu;
    readonly memory: Memory;
  }[];
}

interface Cpu {
  readonly time: string;
  readonly usageNanoCores: number;
  /** A counter. */
  readonly usageCoreNanoSeconds: number;
}

interface Memory {
  readonly time: string;
  /** What may be taken back under pressure included. */
  readonly usageBytes: number;
  readonly workingSetBytes: number;
}

/** A pod sends so much of what it receives, in percent. */
const SENT_PERCENT = 40;
/** Page cache, which is no working set, in percent of that. */
const CACHE_PERCENT = 30;

/** Null while there is no such node. Throws AppError `not_found` for an unknown cluster. */
export function kubeletSummary(
  fleet: Fleet,
  { cluster, node: name, at }: KubeletSummaryRequest,
): KubeletSummary | null {
  for (const slot of clusterOf(fleet, cluster).slots) {
    for (const node of nodesAt(slot, at)) {
      if (node.name !== name) continue;
      const pods = [...podsAt(slot, at, { node, afterlife: { completedMs: 0, deletedMs: 0 } })].map((pod) =>
        podOf(pod, at),
      );
      const total = (amount: (pod: SummaryPod) => number) => pods.reduce((sum, pod) => sum + amount(pod), 0);
      const cpu = total((pod) => pod.cpu.usageNanoCores);
      const counted = total((pod) => pod.cpu.usageCoreNanoSeconds);
      const memory = total((pod) => pod.memory.workingSetBytes);
      const startTime = new Date(node.start).toISOString();
      return { node: { nodeName: name, startTime, cpu: cpuOf(cpu, counted, at), memory: memoryOf(memory, at) }, pods };
    }
  }
  return null;
}

function podOf({ run, usage, total }: SeenPod, at: number): SummaryPod {
  const counted = integrate(run, { from: run.start, to: at }, 'container').map(({ cpuUsage }) =>
    coreNanoseconds(cpuUsage),
  );
  const startTime = new Date(run.start).toISOString();
  const rxBytes = Math.floor(((at - run.start) * run.receivedBytesPerSecond) / SECOND_MS);
  const txBytes = Math.floor((rxBytes * SENT_PERCENT) / 100);
  const sum = counted.reduce((all, one) => all + one, 0);
  return {
    podRef: { name: run.name, namespace: run.placement.workload.namespace, uid: run.uid },
    startTime,
    cpu: cpuOf(total.cpu, sum, at),
    memory: memoryOf(total.memory, at),
    network: { time: timeOf(at), name: 'eth0', rxBytes, txBytes, interfaces: [{ name: 'eth0', rxBytes, txBytes }] },
    containers: run.containers.map(({ plan }, index) => ({
      name: plan.name,
      startTime,
      cpu: cpuOf(usage[index]?.cpu ?? 0, counted[index] ?? 0, at),
      memory: memoryOf(usage[index]?.memory ?? 0, at),
    })),
  };
}

function cpuOf(usageNanoCores: number, usageCoreNanoSeconds: number, at: number): Cpu {
  return { time: timeOf(at), usageNanoCores, usageCoreNanoSeconds };
}

function memoryOf(workingSetBytes: number, at: number): Memory {
  const usageBytes = workingSetBytes + Math.floor((workingSetBytes * CACHE_PERCENT) / 100);
  return { time: timeOf(at), usageBytes, workingSetBytes };
}

function coreNanoseconds(nanocoreMilliseconds: bigint): number {
  return Number(nanocoreMilliseconds / BigInt(SECOND_MS));
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
