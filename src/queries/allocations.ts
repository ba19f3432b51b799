import type { Coverage } from '../contracts/costs.ts';
import type { AggregateKey } from '../core/aggregate/aggregate-keys.ts';
import type { Amounts, TrafficCosts } from '../core/allocation/amounts.ts';
import type { AssetShare } from '../core/allocation/asset-shares.ts';
import type { Costs, IdleCosts } from '../core/allocation/costs.ts';
import type { SharingChoice } from '../core/allocation/share.ts';
import type { SharedPart } from '../core/allocation/shared-parts.ts';
import type { Window } from '../core/coverage.ts';
import type { Filter } from '../core/filter/tree.ts';
import type { Money } from '../lib/money.ts';
import type { LedgerLook } from './evidence.ts';

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
  /** How idle is shared, where it is: by what rows pay (as where nothing is said), or evenly. */
  readonly idleSplit?: SharingChoice['idleSplit'];
  /** Where idle is measured: it goes to those on the same cluster, or on the same node. */
  readonly idleBy: 'cluster' | 'node';
  /** Idle of each such place in a row of its own. */
  readonly splitIdle: boolean;
  readonly share: SharedCosts;
  /** What becomes of the fees for managing clusters: a row (as where nothing is said), nothing, or a cost that all bear. */
  readonly management?: SharingChoice['idle'];
  /** What is to be told of each row beside its sums; each takes its time. */
  readonly details?: DetailChoice;
  /** What costs are told in, by its code of ISO 4217: US dollars where nothing is said. */
  readonly currency?: string;
}

export interface DetailChoice {
  /** The namespace and controller that all of a row are of, though not cut by them. */
  readonly common?: boolean;
  /** The volumes and load balancers that a row pays for. */
  readonly attachments?: boolean;
  /** Labels and annotations that all of a row have in common. */
  readonly metadata?: boolean;
  /** The most that was used at any time, where containers are asked for one by one. */
  readonly peaks?: boolean;
  /** Which part of each cluster's, or node's, cost a row has. */
  readonly assets?: boolean;
  /** What the namespace of a row says of itself, and the services before its pods. Needs `common`. */
  readonly namespaces?: boolean;
}

/** What everybody has to bear: rows that any of these choose are not shown, but split over the others. */
export interface SharedCosts {
  readonly rows: Filter | null;
  /** The filters that `rows` is made of, by name: each row then tells what it bears of which (`SharedPart`). */
  readonly parts?: readonly { readonly name: string; readonly filter: Filter }[];
  /** What load balancers cost is everybody's too; their name among `parts` is `loadBalancers`. */
  readonly balancers?: boolean;
  /** A cost that no cluster reports, for a month of 730 hours, in the currency of the answer. */
  readonly monthly: Money;
  readonly split: SharingChoice['split'];
}

export interface AllocationSet {
  readonly window: Window;
  readonly rows: readonly AllocationRow[];
}

/** One row of a set. Amounts of resources are over the whole set. */
export interface AllocationRow {
  readonly kind: 'allocation' | 'idle' | 'overcommit' | 'shared' | 'management';
  /** One value for each key that was asked; `''` for what has none. For other kinds than allocations, the place. */
  readonly values: readonly string[];
  /** What all of the row has in common, though it was not asked to be cut by it; `''` otherwise, and where not asked for. */
  readonly common: CommonProperties;
  readonly labels: Readonly<Record<string, string>>;
  /** From when to when it ran, within the window and until now: to the day where nothing finer than a workload is asked. */
  readonly start: number;
  readonly end: number;
  readonly amounts: Amounts;
  readonly costs: Costs;
  /** What of each cost its source corrected later: a part of it. */
  readonly adjustments: Costs;
  /** What the cost of the network is made of. */
  readonly traffic: TrafficCosts;
  readonly idle: IdleCosts;
  readonly shared: Money;
  readonly details?: RowDetails;
  readonly described?: RowDescription;
}

/** Names of labels and annotations as `sanitizeLabelName` leaves them. */
export interface RowDescription {
  /** Of the namespace. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Those that choose pods by the labels that all of the row have in common, by name. */
  readonly services: readonly string[];
}

/** What was asked for of a row; what was not is empty. */
export interface RowDetails {
  readonly volumes: readonly AllocatedVolume[];
  readonly balancers: readonly AllocatedBalancer[];
  /** What all of the row have in common. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly peaks: { readonly cpuCores: number; readonly ramBytes: number } | null;
  readonly sharedParts: readonly SharedPart[];
  readonly assetShares: readonly AssetShare[];
}

/** A row's part of a volume. */
export interface AllocatedVolume {
  readonly cluster: string;
  readonly name: string;
  readonly providerId: string;
  readonly byteSeconds: number;
  readonly cost: Money;
  readonly adjustment: Money;
}

export interface AllocatedBalancer {
  readonly cluster: string;
  readonly namespace: string;
  /** Names with commas, where its source knows several. */
  readonly service: string;
  readonly ip: string;
  readonly seconds: number;
  readonly cost: Money;
  readonly adjustment: Money;
}

export interface CommonProperties {
  readonly cluster: string;
  readonly namespace: string;
  readonly controllerKind: string;
  readonly controller: string;
}

export interface Allocations {
  /** What all costs are told in. */
  readonly currency: string;
  readonly sets: readonly AllocationSet[];
  readonly coverage: Coverage;
}

/** A large answer, of which each set is told as soon as it is known. */
export interface AllocationsBySet extends Omit<Allocations, 'sets'> {
  /** To be gone through once; what fails meanwhile is thrown there. */
  readonly sets: AsyncIterable<AllocationSet>;
}

/** An answer, whether all of it is there or not. */
export type FoundAllocations = Allocations | AllocationsBySet;

/** Allocation questions over the ledger; no HTTP. */
export interface AllocationQueries {
  /** `look` is what was seen of the ledger before, over the same sets: equal questions of one stamp may share an answer. */
  sets(question: AllocationQuestion, signal?: AbortSignal, look?: LedgerLook): Promise<Allocations>;
  /**
   * The same answer set by set, where it is so large that its first set is worth telling before the last is known; where it is
   * not, nothing: then `sets` is faster. All that can be known to fail has failed when this returns, and its first set is found.
   */
  setBySet?(
    question: AllocationQuestion,
    signal?: AbortSignal,
    look?: LedgerLook,
  ): Promise<AllocationsBySet | undefined>;
}
