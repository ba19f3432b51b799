/**
 * What every source turns its wire format into: raw facts, as seen at an instant. Sources know nothing of storage and
 * the rollup knows nothing of wires; this file is all that they share.
 *
 * Units: instants are milliseconds since the epoch (UTC); CPU is nanocores; memory is bytes; both are whole numbers
 * below 2^53. `null` means "this source does not know", which is not zero. `''` is an unknown name.
 */

/** From the richest in what it knows to the poorest: the default order of the source of record. */
export const SOURCES = ['agent', 'collector'] as const;
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
  /** Bytes received and sent by the pod since its network came up: counters, they may reset. */
  readonly networkReceived: number | null;
  readonly networkSent: number | null;
  /** When the pod's first container started and its last one ended, where known. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly labels: Readonly<Record<string, string>>;
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
  /** Price of the whole node in US dollars per hour as the source reports it: exact decimal text, at most 12 decimals. */
  readonly hourlyCost: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** What one delivery of a source says of one cluster. */
export interface SampleBatch {
  readonly source: SourceName;
  readonly containers: readonly ContainerSample[];
  readonly nodes: readonly NodeSample[];
}
