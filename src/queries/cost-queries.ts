import type { ClusterCosts, NamespaceCosts, Trends, Utilization } from '../contracts/costs.ts';

/** Who asks, and over which half-open window (milliseconds, UTC). An hour belongs to the window that holds its start. */
export interface CostScope {
  readonly tenant: string;
  readonly start: number;
  readonly end: number;
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  /** What costs are told in, by its code of ISO 4217: US dollars where nothing is said. */
  readonly currency?: string | undefined;
}

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

/** The cost questions of the native API: ledger rows in, answers out; no HTTP. */
export interface CostQueries {
  namespaces(scope: CostScope, page: PageRequest, signal?: AbortSignal): Promise<NamespaceCosts>;
  clusters(scope: CostScope, page: PageRequest, signal?: AbortSignal): Promise<ClusterCosts>;
  utilization(scope: CostScope, page: PageRequest, signal?: AbortSignal): Promise<Utilization>;
  trends(scope: CostScope, interval: Trends['interval'], signal?: AbortSignal): Promise<Trends>;
}
