import type { Coverage } from '../contracts/costs.ts';
import type { Window } from '../core/coverage.ts';
import type { Filter } from '../core/filter/tree.ts';
import type { Money } from '../lib/money.ts';
import type { PriceVersion } from '../store/relational/price-versions.ts';
import type { Arithmetic } from './explain-arithmetic.ts';

/** Which ledger rows of containers, idle and overcommitment are to be explained. */
export interface ExplainAsk {
  readonly tenant: string;
  readonly onlyCluster: string | null;
  readonly window: Window;
  readonly filter: Filter;
  readonly limit: number;
  readonly offset: number;
  /** Raw samples of each table that are shown. */
  readonly samplesMax: number;
}

/** From a sum back to what it was made of: everything that is not a sum is of the page alone. */
export interface Explanation {
  readonly coverage: Coverage;
  readonly total: LedgerTotal;
  /** By hour, cluster, node, namespace, pod and container. */
  readonly rows: readonly ExplainedRow[];
  /** What is paid for beside nodes, by hour, cluster and kind. */
  readonly attached: readonly ExplainedAttachment[];
  /** Each hour of a cluster that rows of the page are of. */
  readonly hours: readonly ExplainedHour[];
  readonly prices: readonly PriceVersion[];
  readonly samples: readonly ExplainedSamples[];
}

export type ResourceName = 'cpu' | 'ram' | 'gpu';

/** Of all rows that the filter lets through, whatever page is asked for. */
export interface LedgerTotal {
  readonly rows: number;
  readonly cpu: Money;
  readonly ram: Money;
  readonly gpu: Money;
  readonly network: Money;
  readonly external: Money;
  readonly attached: Readonly<Record<AttachmentKind, Money>>;
  /** Rows of what is paid for beside nodes. */
  readonly attachedRows: number;
}

export type AttachmentKind = 'volume' | 'balancer' | 'management';

/** A part of a volume, a load balancer or the fee of a cluster, in an hour. */
export interface ExplainedAttachment {
  readonly kind: AttachmentKind;
  readonly cluster: string;
  readonly hour: number;
  readonly namespace: string;
  readonly pod: string;
  readonly name: string;
  readonly storageClass: string;
  readonly runMs: number;
  readonly byteSeconds: bigint;
  /** Of a volume with all of its parts, as its cost. */
  readonly wholeByteSeconds: bigint;
  readonly wholeCost: Money;
  readonly cost: Money;
  readonly adjustment: Money;
  readonly priceBasis: string;
  readonly priceVersion: string;
  readonly source: string;
}

export interface ExplainedRow {
  readonly cluster: string;
  readonly hour: number;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly container: string;
  readonly controllerKind: string;
  readonly controller: string;
  readonly runMs: number;
  readonly source: string;
  readonly priceVersion: string;
  /** What the node cost in the hour; `null` where the ledger does not know the node. */
  readonly onNode: ExplainedNode | null;
  readonly arithmetic: Readonly<Record<ResourceName, Arithmetic>>;
  readonly network: Money;
  readonly external: Money;
  readonly adjustment: Money;
}

export interface ExplainedNode {
  readonly spot: boolean;
  readonly coveredMs: number;
  readonly instanceType: string;
  /** `reported`, `book`, `override` or `unknown`. */
  readonly priceBasis: string;
  readonly reportedCost: Money;
  /** 0.3 is 30 % off, as text. */
  readonly discount: string;
}

export interface ExplainedHour {
  readonly cluster: string;
  readonly hour: number;
  /** The source of record. */
  readonly source: string;
  /** Every source that reported the hour, and milliseconds that it covered. */
  readonly reported: Readonly<Record<string, number>>;
  readonly coveredMs: number;
  readonly priceVersion: string;
  readonly computedAt: number;
  readonly managementCost: Money;
}

/** Raw rows of one table, of the pods and nodes and over the hours of the page, as far as they are kept. */
export interface ExplainedSamples {
  readonly table: 'container_samples' | 'node_samples' | 'hour_facts' | 'points';
  readonly count: number;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly rows: readonly RawSample[];
}

export interface RawSample {
  readonly at: number;
  readonly receivedAt: number;
  readonly source: string;
  readonly cluster: string;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** By name with their unit, as text; what the source did not tell is not there. */
  readonly values: Readonly<Record<string, string>>;
}

export interface Explanations {
  explain(ask: ExplainAsk, signal?: AbortSignal): Promise<Explanation>;
}
