import { bytesOf, cpuOf, type Quantities } from './wire.ts';

/**
 * What the scheduler holds on a node for each container of a pod, so that the containers' requests add up to what it
 * holds for the pod:
 *
 *     effective = max(Σ containers + Σ sidecars, the most that any init container needs beside the sidecars before it)
 *                 (or the pod's own `spec.resources`, where it states them) + the pod's overhead
 *
 * - Each container, sidecar and init container has its own request while it runs. After a resize in place it is what the
 *   node has allocated, which is not yet, or no longer, what the spec asks for.
 * - What the pod is held beyond the sum of its containers and sidecars goes to its first container: the scheduler holds
 *   it for as long as the pod lives, not only while the init container runs that needed it.
 */
export interface PodResources {
  readonly containers: readonly DeclaredContainer[];
  readonly initContainers: readonly DeclaredContainer[];
  readonly overhead: Quantities;
  /** Requests of the pod as a whole. */
  readonly podRequests: Quantities;
}

export interface DeclaredContainer {
  readonly name: string;
  /** An init container that keeps running beside the others (`restartPolicy: Always`). */
  readonly isSidecar: boolean;
  /** Allocated where the node says so, else asked for. */
  readonly requests: Quantities;
}

type Read = (quantities: Quantities) => number | null;

interface EffectiveRequests {
  readonly cpu: readonly number[];
  readonly memory: readonly number[];
}

/** Requests of `[...initContainers, ...containers]`, in that order: nanocores and bytes. */
export function effectiveRequests(pod: PodResources): EffectiveRequests {
  return { cpu: effective(pod, cpuOf), memory: effective(pod, (quantities) => bytesOf(quantities, 'memory')) };
}

function effective(pod: PodResources, read: Read): number[] {
  const own = [...pod.initContainers, ...pod.containers].map(({ requests }) => read(requests) ?? 0);
  const lasting = own.filter((_, index) => pod.initContainers[index]?.isSidecar !== false);
  const together = lasting.reduce((sum, request) => sum + request, 0);
  const held = (read(pod.podRequests) ?? Math.max(together, initPeak(pod, own))) + (read(pod.overhead) ?? 0);
  const first = pod.initContainers.length;
  return own.map((request, index) => (index === first ? request + Math.max(0, held - together) : request));
}

/** Init containers run one after the other, each beside the sidecars that were started before it. */
function initPeak({ initContainers }: PodResources, own: readonly number[]): number {
  let sidecars = 0;
  let peak = 0;
  for (const [index, { isSidecar }] of initContainers.entries()) {
    const request = own[index] ?? 0;
    peak = Math.max(peak, sidecars + request);
    if (isSidecar) sidecars += request;
  }
  return peak;
}
