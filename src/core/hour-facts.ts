/**
 * What a source states about a whole hour: a row of a koku report, a step of a Kubecost allocation. Such a source has
 * done the integrating itself; the rollup takes its word and only prices what it left unpriced.
 */

/** What a fact is about. `pod` and `container` become ledger rows, `node` their nodes; the others are kept for their own reports. */
export const FACT_KINDS = [
  'pod',
  'container',
  'node',
  'namespace',
  'storage',
  'balancer',
  'vm',
  'gpu',
  'ros-container',
  'ros-namespace',
] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/**
 * Quantities a fact may state, all whole numbers below 2^53. What it does not state it leaves out: that is not zero.
 *
 * - `*_ucs` micro-core-seconds, `*_bs` byte-seconds, `*_ms` milliseconds, `gpu_*_ms` GPU-milliseconds: integrals over the hour
 * - `*_ucores` millionths of a core, `*_bytes`: sizes
 * - `*_pico` pico-dollars: costs of this hour as stated; `*_adjustment_pico` what was corrected of one, to be added to it
 * - a source may state more under names of its own, in lower snake case
 */
export interface FactAmounts {
  readonly run_ms?: number;
  readonly cpu_usage_ucs?: number;
  readonly cpu_request_ucs?: number;
  readonly cpu_limit_ucs?: number;
  /** What the charge is for, where the source states it: else max(request, usage). */
  readonly cpu_ucs?: number;
  readonly ram_usage_bs?: number;
  readonly ram_request_bs?: number;
  readonly ram_limit_bs?: number;
  readonly ram_bs?: number;
  readonly cpu_capacity_ucores?: number;
  readonly cpu_capacity_ucs?: number;
  readonly ram_capacity_bytes?: number;
  readonly ram_capacity_bs?: number;
  readonly gpu_usage_ms?: number;
  readonly gpu_request_ms?: number;
  readonly gpu_ms?: number;
  readonly gpu_capacity_ms?: number;
  readonly network_received_bytes?: number;
  readonly network_sent_bytes?: number;
  readonly network_zone_sent_bytes?: number;
  readonly network_region_sent_bytes?: number;
  readonly network_internet_sent_bytes?: number;
  readonly cpu_cost_pico?: number;
  readonly ram_cost_pico?: number;
  readonly gpu_cost_pico?: number;
  /** All of it; the three parts say what went where, and what is left of it is not said. */
  readonly network_cost_pico?: number;
  readonly network_part_zone_pico?: number;
  readonly network_part_region_pico?: number;
  readonly network_part_internet_pico?: number;
  readonly external_cost_pico?: number;
  readonly cpu_cost_adjustment_pico?: number;
  readonly ram_cost_adjustment_pico?: number;
  readonly gpu_cost_adjustment_pico?: number;
  readonly network_cost_adjustment_pico?: number;
  readonly [name: string]: number | undefined;
}

/** Sources whose every statement is of a whole hour: what the newest one leaves out is taken back. */
export const RESTATING_SOURCES: ReadonlySet<string> = new Set(['kubecost']);

export interface HourFact {
  readonly kind: FactKind;
  /** Start of the hour, milliseconds since the epoch. */
  readonly hour: number;
  /** When the source made this statement: of two about the same thing and hour, the later one counts. */
  readonly statedAt: number;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** What else tells it from its neighbours: a claim, a virtual machine, a GPU. `''` where nothing does. */
  readonly name: string;
  readonly amounts: FactAmounts;
  /** `resource_id`, `node_role`, `storage_class`, `controller_kind`, `controller`, `pod_uid` …; `''` is left out. */
  readonly texts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}
