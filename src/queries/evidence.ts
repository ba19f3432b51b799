import type { Window } from '../core/coverage.ts';
import type { Filter } from '../core/filter/tree.ts';
import type { LedgerView } from './ledger-view.ts';

/** Whose hours are asked about, and which. */
export interface EvidenceScope {
  readonly tenant: string;
  /** A key of one cluster sees that cluster alone; `null` sees all of the tenant's. */
  readonly onlyCluster: string | null;
  /** Adjoining and in order, as an `AllocationQuestion` has them. */
  readonly sets: readonly Window[];
  /** What answers are told in: US dollars where nothing is said. */
  readonly currency?: string;
}

/** What of it is asked about. */
export interface CoverageScope extends EvidenceScope {
  readonly filter: Filter;
}

/** What was seen of the ledger before an answer was made. */
export interface LedgerLook {
  /**
   * A text that changes whenever an answer over these hours may: when one of them is computed anew (late data, another
   * price), when hours are dropped, when a cluster comes or is renamed, and when a rate changes that they are converted by.
   */
  readonly stamp: string;
  /** Of all clusters that the scope sees. An answer may be planned by it. */
  readonly view: LedgerView;
}

/** What answers rest on: how new the ledger is where they were read, and how much of each step it knows. */
export interface Evidence {
  /**
   * Cheap: it looks at the record of hours, and at rates, alone. Look before an answer is made, so that it is never older than its
   * stamp.
   */
  look(scope: EvidenceScope, signal?: AbortSignal): Promise<LedgerLook>;
  /** Of each set: covered ÷ asked hours, over the clusters of which the filter may let something through; 0 of none. */
  coverageBySet(scope: CoverageScope, signal?: AbortSignal): Promise<readonly number[]>;
}
