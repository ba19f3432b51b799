import type { Coverage } from '../contracts/costs.ts';
import type { AssetKey } from '../core/assets/asset-keys.ts';
import type { AssetFilter, AssetProperty } from '../core/assets/asset-properties.ts';
import type { Window } from '../core/coverage.ts';
import { addMoney, type Money } from '../lib/money.ts';
import type { LedgerLook } from './evidence.ts';

/** A question about what clusters are paid for, over adjoining sets of hours. */
export interface AssetQuestion {
  readonly tenant: string;
  /** A key of one cluster sees that cluster alone; `null` sees all of the tenant's. */
  readonly onlyCluster: string | null;
  /** Half-open and adjoining, in order (milliseconds). An hour belongs to the set that holds its start. */
  readonly sets: readonly Window[];
  /** By what to cut; nothing is everything in one row. */
  readonly keys: readonly AssetKey[];
  readonly filter: AssetFilter;
  /** What costs are told in, by its code of ISO 4217: US dollars where nothing is said. */
  readonly currency?: string;
}

export interface AssetSet {
  readonly window: Window;
  readonly rows: readonly AssetRow[];
}

/** Assets of one set that have the keys in common; mostly one. */
export interface AssetRow {
  /** One value for each key that was asked; `''` for what has none. */
  readonly values: readonly string[];
  /** How many assets it is. */
  readonly assets: number;
  /** What all of them have in common; `''` otherwise. */
  readonly properties: Readonly<Record<AssetProperty, string>>;
  /** Of a single asset. */
  readonly labels: Readonly<Record<string, string>>;
  /** From when to when they were there, within the window and until now. */
  readonly start: number;
  readonly end: number;
  readonly amounts: AssetAmounts;
  readonly costs: AssetCosts;
}

/** Over the whole set; 0 for what a type does not have. */
export interface AssetAmounts {
  /** Of nodes: what they offered, core-seconds, byte-seconds and GPU-seconds. */
  readonly cpuCoreSeconds: number;
  readonly ramByteSeconds: number;
  readonly gpuSeconds: number;
  /** Of that, what pods used: those of the namespace kube-system, and the others. */
  readonly cpuSystemCoreSeconds: number;
  readonly cpuUserCoreSeconds: number;
  readonly ramSystemByteSeconds: number;
  readonly ramUserByteSeconds: number;
  /** Milliseconds that nodes were there, and that they were spot. */
  readonly coveredMs: number;
  readonly spotMs: number;
  /** What CPU and RAM of nodes would have cost without their discounts, in the currency of the answer. */
  readonly undiscounted: number;
  /** Of disks: byte-seconds, and those in which a pod had them mounted. */
  readonly byteSeconds: number;
  readonly mountedByteSeconds: number;
}

/** Exact amounts. `other` is whatever is no CPU, RAM or GPU of a node. */
export interface AssetCosts {
  readonly cpu: Money;
  readonly ram: Money;
  readonly gpu: Money;
  readonly other: Money;
  /** What of all these the source corrected later: a part of them and not beside them. */
  readonly adjustment: Money;
}

export interface Assets {
  /** What all costs are told in. */
  readonly currency: string;
  readonly sets: readonly AssetSet[];
  readonly coverage: Coverage;
}

/** Asset questions over the ledger; no HTTP. */
export interface AssetQueries {
  /** `look` is what was seen of the ledger before, over the same sets. */
  sets(question: AssetQuestion, signal?: AbortSignal, look?: LedgerLook): Promise<Assets>;
}

/** Everything that a row costs. */
export function assetTotal({ cpu, ram, gpu, other }: AssetCosts): Money {
  return [ram, gpu, other].reduce(addMoney, cpu);
}
