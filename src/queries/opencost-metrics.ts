/** What OpenCost's gauges say of one cluster, over one hour of the ledger; no HTTP. Prices are doubles: gauges are. */
export interface ClusterMetrics {
  /** Start of the hour (milliseconds). */
  readonly hour: number;
  /** US dollars. */
  readonly managementHourly: number;
  readonly egress: EgressPrices;
  readonly nodes: readonly NodeGauges[];
  readonly volumes: readonly VolumeGauges[];
  readonly claims: readonly ClaimGauges[];
  readonly balancers: readonly BalancerGauges[];
  readonly containers: readonly ContainerGauges[];
  readonly namespaces: readonly NamespaceGauges[];
  readonly services: readonly ServiceGauges[];
}

/** US dollars for 2^30 bytes sent. */
export interface EgressPrices {
  readonly zone: number;
  readonly region: number;
  readonly internet: number;
}

export interface NodeGauges {
  readonly node: string;
  readonly providerId: string;
  readonly instanceType: string;
  readonly region: string;
  readonly zone: string;
  readonly spot: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly cores: number;
  readonly bytes: number;
  readonly gpus: number;
  /** US dollars: for a core, 2^30 bytes, a GPU, and all of it, for an hour. 0 for what it has none of. */
  readonly cpuHourly: number;
  readonly ramHourly: number;
  readonly gpuHourly: number;
  readonly totalHourly: number;
}

export interface VolumeGauges {
  readonly volume: string;
  readonly namespace: string;
  readonly claim: string;
  readonly storageClass: string;
  readonly providerId: string;
  readonly bytes: number;
  /** US dollars for 2^30 bytes for an hour. */
  readonly hourly: number;
}

/** What of a volume one pod has, by its share of the time that it was mounted. */
export interface ClaimGauges {
  readonly namespace: string;
  readonly pod: string;
  readonly claim: string;
  readonly volume: string;
  readonly bytes: number;
}

export interface BalancerGauges {
  readonly namespace: string;
  readonly service: string;
  readonly ingress: string;
  /** US dollars. */
  readonly hourly: number;
}

/** Averages over the time that the node was seen in the hour: times its price and that time, they are what was charged. */
export interface ContainerGauges {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly container: string;
  readonly node: string;
  readonly controllerKind: string;
  readonly controller: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The greater of request and usage at each moment. */
  readonly cores: number;
  readonly bytes: number;
  readonly gpus: number;
  readonly requestCores: number;
  readonly requestBytes: number;
}

/** What a namespace said last on the day of the hour. */
export interface NamespaceGauges {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A service that chooses pods by their labels. */
export interface ServiceGauges {
  readonly namespace: string;
  readonly service: string;
  readonly selector: Readonly<Record<string, string>>;
}

export interface MetricQueries {
  /**
   * Gauges of the newest hour that is over and known; of the open one where there is none. `null` where nothing is known of the
   * last `HOURS_MAX` hours: what is old must not look new.
   *
   * @throws AppError `query_too_large` for more than `THINGS_MAX` containers, nodes, volumes, balancers, namespaces or services.
   */
  ofCluster(cluster: { tenant: string; cluster: string }, signal?: AbortSignal): Promise<ClusterMetrics | null>;
}

/** How far back the newest known hour may begin. */
export const HOURS_MAX = 3;
/** Of one kind in one cluster. */
export const THINGS_MAX = 50_000;
