import type { Coverage } from '../contracts/costs.ts';
import type { Window } from '../core/coverage.ts';
import type { Filter } from '../core/filter/tree.ts';
import type { AdviceAims, RequestAdvice, Silence } from '../core/right-sizing/advise.ts';
import type { WorkloadHistory } from '../core/right-sizing/history.ts';

/** Days of a window that advice is given from, at most. */
export const ADVICE_DAYS_MAX = 62;

/** Which requests would have done in a window, for the containers that a filter lets through. */
export interface RecommendationQuestion {
  readonly tenant: string;
  /** A key of one cluster sees that cluster alone; `null` sees all of the tenant's. */
  readonly onlyCluster: string | null;
  /** Half-open (milliseconds). */
  readonly window: Window;
  readonly filter: Filter;
  readonly aims: AdviceAims;
}

/** One container of a workload, what it did, and what to ask for instead. A pod without a controller is its own, of kind `pod`. */
export interface Recommendation {
  readonly workload: Workload;
  readonly history: WorkloadHistory;
  readonly evidence: Evidence;
  readonly advice: RequestAdvice | Silence;
}

export interface Workload {
  readonly cluster: string;
  readonly namespace: string;
  /** In small letters. */
  readonly controllerKind: string;
  readonly controller: string;
  /** `''` where the source knows no containers: then it is the whole pod. */
  readonly container: string;
}

/** What the advice rests on, beside the workload's history. Sums are micro-core-seconds and byte-seconds, of all replicas. */
export interface Evidence {
  readonly firstSeenAt: number;
  /** Different pods that were seen. */
  readonly pods: number;
  readonly sources: readonly string[];
  readonly cpuUsed: bigint;
  readonly cpuRequested: bigint;
  readonly ramUsed: bigint;
  readonly ramRequested: bigint;
}

export interface Recommendations {
  readonly recommendations: readonly Recommendation[];
  readonly coverage: Coverage;
}

/** Right-sizing over the ledger; no HTTP. */
export interface RecommendationQueries {
  /**
   * In no order. Throws `window_too_large` past `ADVICE_DAYS_MAX` days, `query_too_large` for more containers than one answer
   * may hold.
   */
  recommend(question: RecommendationQuestion, signal?: AbortSignal): Promise<Recommendations>;
}
