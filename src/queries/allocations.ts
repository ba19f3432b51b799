import type { Coverage } from '../contracts/costs.ts';
import type { AggregateKey } from '../core/aggregate/aggregate-keys.ts';
import type { Costs, IdleCosts } from '../core/allocation/costs.ts';
import type { SharingChoice } from '../core/allocation/share.ts';
import type { Window } from '../core/coverage.ts';
import type { Filter } from '../core/filter/tree.ts';
import type { Money } from '../lib/money.ts';

/** A question about who used what and what it cost, over adjoining sets of hours. */
export interface AllocationQuestion {
  readonly tenant: string;
  /** A key of one cluster sees that cluster alone; `null` sees all of the tenant's. */
  readonly onlyCluster: string | null;
  /** Half-open and adjoining, in order (milliseconds). An hour belongs to the set that holds its start. */
  readonly sets: readonly Window[];
  /** By what to cut; nothing is everything in one row. */
  readonly keys: readonly AggregateKey[];
  readonly filter: Filter;
  readonly idle: SharingChoice['idle'];
  /** Where idle is measured: it goes to those on the same cluster, or on the same node. */
  readonly idleBy: 'cluster' | 'node';
  /** Idle of each such place in a row of its own. */
  readonly splitIdle: boolean;
  readonly share: SharedCosts;
}

/** What everybody has to bear: rows that any of these choose are not shown, but split over the others. */
export interface SharedCosts {
  readonly rows: Filter | null;
  /** A cost that no cluster reports, for a month of 730 hours. */
  readonly monthly: Money;
  readonly split: SharingChoice['split'];
}

export interface AllocationSet {
  readonly window: Window;
  readonly rows: readonly AllocationRow[];
}

/** One row of a set. Amounts of resources are over the whole set: core-seconds, byte-seconds, bytes. */
export interface AllocationRow {
  readonly kind: 'allocation' | 'idle' | 'overcommit' | 'shared';
  /** One value for each key that was asked; `''` for what has none. For other kinds than allocations, the place. */
  readonly values: readonly string[];
  /** What all of the row has in common, though it was not asked to be cut by it; `''` otherwise. */
  readonly common: CommonProperties;
  readonly labels: Readonly<Record<string, string>>;
  /** From when to when it ran, within the window and until now: to the day where nothing finer than a workload is asked. */
  readonly start: number;
  readonly end: number;
  readonly amounts: Amounts;
  readonly costs: Costs;
  readonly idle: IdleCosts;
  readonly shared: Money;
}

export interface CommonProperties {
  readonly cluster: string;
  readonly namespace: string;
  readonly controllerKind: string;
  readonly controller: string;
}

export interface Amounts {
  readonly cpuCoreSeconds: number;
  readonly cpuRequestCoreSeconds: number;
  readonly cpuUsageCoreSeconds: number;
  readonly ramByteSeconds: number;
  readonly ramRequestByteSeconds: number;
  readonly ramUsageByteSeconds: number;
  readonly networkReceivedBytes: number;
  readonly networkSentBytes: number;
}

export interface Allocations {
  readonly sets: readonly AllocationSet[];
  readonly coverage: Coverage;
}

/** Allocation questions over the ledger; no HTTP. */
export interface AllocationQueries {
  sets(question: AllocationQuestion, signal?: AbortSignal): Promise<Allocations>;
}
