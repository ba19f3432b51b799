/**
 * What is kept of each object of a cluster: the few fields that a cost needs. Objects themselves are never kept: a pod of
 * 10 KB becomes a record of 1 KB.
 *
 * Instants are milliseconds since the epoch, CPU is nanocores, memory and storage are bytes.
 */
import type { ResourceCounts } from '../../core/gpu.ts';

/** Whatever is watched has a uid: the same name may come back as another thing. */
export interface WatchedRecord {
  readonly uid: string;
}

export type Labels = Readonly<Record<string, string>>;

/** The owner that controls an object (`controller: true`). */
export interface OwnerReference {
  readonly uid: string;
  readonly kind: string;
  readonly name: string;
}

export interface NodeRecord extends WatchedRecord {
  readonly name: string;
  readonly createdAt: number;
  /** Value of the annotation `cluster.x-k8s.io/cluster-name`; `''` without one. */
  readonly clusterName: string;
  readonly providerId: string;
  readonly cpuCapacity: number | null;
  readonly memoryCapacity: number | null;
  /** Nano-GPUs; `null` where it has none. */
  readonly gpuCapacity: number | null;
  readonly labels: Labels;
}

export interface PodRecord extends WatchedRecord {
  readonly namespace: string;
  readonly name: string;
  /** `''` until it is scheduled. */
  readonly node: string;
  readonly phase: string;
  readonly createdAt: number;
  /** When it was, or will be, ended by force (its deletion and the grace after it). */
  readonly deletedAt: number | null;
  readonly labels: Labels;
  /** Those that are short enough to be meant for people and reports. */
  readonly annotations: Labels;
  readonly owner: OwnerReference | null;
  /** Persistent volume claims that it mounts, by name. */
  readonly claims: readonly string[];
  readonly containers: readonly ContainerRecord[];
}

/** A container of a pod, an init container and a sidecar included. */
export interface ContainerRecord {
  readonly name: string;
  /** What the scheduler holds for it (see requests.ts); 0 where it asks for nothing. */
  readonly cpuRequest: number | null;
  readonly memoryRequest: number | null;
  /** Devices that it holds, by the name of their resource, where one is a GPU; what one of them is of a GPU its node tells. */
  readonly gpuRequests: ResourceCounts | null;
  /** `null` where nothing limits it. */
  readonly cpuLimit: number | null;
  readonly memoryLimit: number | null;
  /** The runs that the API still tells of, in order: the last one that ended, and the one of now. At most two. */
  readonly runs: readonly ContainerRun[];
  /** Neither runs nor has ended: an image is pulled, a crash is waited out. */
  readonly waiting: boolean;
}

/** One life of a container's process; a restart begins another. */
export interface ContainerRun {
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly failed: boolean;
}

export interface ClaimRecord extends WatchedRecord {
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: number;
  readonly volume: string;
  readonly storageClass: string;
  readonly capacity: number | null;
  readonly request: number | null;
  readonly labels: Labels;
}

export interface VolumeRecord extends WatchedRecord {
  readonly name: string;
  readonly storageClass: string;
  /** The cloud's own name of the disk. */
  readonly providerId: string;
  readonly capacity: number | null;
}

export interface ServiceRecord extends WatchedRecord {
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: number;
  readonly isBalancer: boolean;
  /** Address of its load balancer; `''` while it has none. */
  readonly ingress: string;
  /** Labels that its pods have; none where it chooses no pods by their labels. */
  readonly selector: Labels;
}

/** A ReplicaSet or a Job: something between a pod and what people call its workload. */
export interface OwnerRecord extends WatchedRecord {
  readonly kind: string;
  readonly name: string;
  readonly owner: OwnerReference | null;
}

export interface NamespaceRecord extends WatchedRecord {
  readonly name: string;
  readonly labels: Labels;
  /** Those that are short enough to be meant for people and reports. */
  readonly annotations: Labels;
}
