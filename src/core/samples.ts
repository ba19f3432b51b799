import type { HourFact } from './hour-facts.ts';
import type { PointBlock } from './series.ts';

/**
 * What every source turns its wire format into: raw facts, as seen at an instant. Sources know nothing of storage and
 * the rollup knows nothing of wires; this file is all that they share.
 *
 * Units: instants are milliseconds since the epoch (UTC); CPU is nanocores; GPUs are nano-GPUs; memory is bytes; all are
 * whole numbers below 2^53. `null` means "this source does not know", which is not zero. `''` is an unknown name.
 */

/** From the richest in what it knows to the poorest: the default order of the source of record. */
export const SOURCES = ['agent', 'collector', 'remote-write', 'prometheus', 'kubecost', 'koku', 'kubernetes'] as const;
export type SourceName = (typeof SOURCES)[number];

/** Usage and requests of one container at one instant; of a whole pod (`container: ''`) where the source sees no containers. */
export interface ContainerSample {
  readonly at: number;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly container: string;
  readonly controllerKind: string;
  readonly controller: string;
  /** Kubernetes pod phase; only `Running` and `''` (unknown) are charged. */
  readonly phase: string;
  readonly cpuUsage: number | null;
  readonly cpuRequest: number | null;
  readonly cpuLimit: number | null;
  readonly memoryUsage: number | null;
  readonly memoryRequest: number | null;
  readonly memoryLimit: number | null;
  /** Left out by sources that know nothing of GPUs. One GPU used to a half is 500,000,000, as is half of one held. */
  readonly gpuUsage?: number | null;
  readonly gpuRequest?: number | null;
  /** Bytes received and sent by the pod since its network came up: counters, they may reset. */
  readonly networkReceived: number | null;
  readonly networkSent: number | null;
  /**
   * What of the bytes sent went to another zone of the region, to another region, and to the internet: counters too. A source
   * tells all three or none: what it leaves out of three counts as nothing sent.
   */
  readonly networkZoneSent?: number | null;
  readonly networkRegionSent?: number | null;
  readonly networkInternetSent?: number | null;
  /** When the pod's first container started and its last one ended, where known. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the pod, short ones only; left out by sources that do not know them. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * One node at one instant. Every post of a source yields one per node it speaks of, even where it knows nothing but
 * the node's name: these rows are what coverage and the usual interval are learnt from.
 */
export interface NodeSample {
  readonly at: number;
  readonly node: string;
  readonly providerId: string;
  readonly instanceType: string;
  readonly region: string;
  readonly zone: string;
  readonly spot: boolean;
  readonly cpuCapacity: number | null;
  readonly memoryCapacity: number | null;
  /** Left out by sources that know nothing of GPUs. */
  readonly gpuCapacity?: number | null;
  /** Price of the whole node in US dollars per hour as the source reports it: exact decimal text, at most 12 decimals. */
  readonly hourlyCost: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** One persistent volume claim at one instant, and the pods that mount it. */
export interface VolumeSample {
  readonly at: number;
  readonly namespace: string;
  readonly claim: string;
  /** Name of the persistent volume; `''` while it is not bound. */
  readonly volume: string;
  readonly storageClass: string;
  /** The cloud's own name of the disk: a CSI volume handle. */
  readonly providerId: string;
  readonly capacity: number | null;
  readonly request: number | null;
  readonly usage: number | null;
  /** Names of the pods of `namespace` that mount it, sorted. */
  readonly pods: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** One load balancer at one instant. */
export interface BalancerSample {
  readonly at: number;
  readonly namespace: string;
  readonly service: string;
  /** The address that clients reach it at; `''` while there is none. */
  readonly ingress: string;
  /** US dollars per hour as the source reports it: exact decimal text, at most 12 decimals. */
  readonly hourlyCost: string | null;
}

/** What one namespace said of itself at one instant. */
export interface NamespaceSample {
  readonly at: number;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Short ones only; none where the source does not know them. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** One service at one instant, of whatever type. */
export interface ServiceSample {
  readonly at: number;
  readonly namespace: string;
  readonly service: string;
  /** The labels that its pods have; none where it chooses no pods by their labels. */
  readonly selector: Readonly<Record<string, string>>;
}

/** What one delivery of a source says of one cluster. What a source never tells it leaves out. */
export interface SampleBatch {
  readonly source: SourceName;
  readonly containers: readonly ContainerSample[];
  readonly nodes: readonly NodeSample[];
  readonly volumes?: readonly VolumeSample[];
  readonly balancers?: readonly BalancerSample[];
  readonly namespaces?: readonly NamespaceSample[];
  readonly services?: readonly ServiceSample[];
  readonly facts?: readonly HourFact[];
  readonly points?: PointBlock;
}
