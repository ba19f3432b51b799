import type { NamespaceCosts } from '../../../src/contracts/costs.ts';
import { type PicoUsd, parseUsd, shareOf, sumUsd } from '../lib/money.ts';
import { type CostParts, partsOf, sumOthers, withoutParts } from './cost-parts.ts';
import { isSpecial, type SpecialKey } from './special-keys.ts';

/** A namespace as the table shows it; money exact, ratios as the API gave them. */
export interface NamespaceRow {
  readonly namespace: string;
  readonly cost: PicoUsd;
  readonly cpu: PicoUsd;
  readonly ram: PicoUsd;
  /** What is neither CPU nor memory. */
  readonly other: PicoUsd;
  /** All of these by resource. */
  readonly parts: CostParts;
  /** Of the window's total, 0 to 1; negative for an overcommitment. */
  readonly share: number;
  readonly efficiency: { readonly cpu: number | null; readonly ram: number | null; readonly total: number | null };
  readonly pods: number;
}

export interface CostSummary {
  readonly namespaces: readonly NamespaceRow[];
  /** Lines of the bill that belong to no namespace, such as idle capacity. */
  readonly special: readonly (NamespaceRow & { readonly namespace: SpecialKey })[];
  readonly total: PicoUsd;
  readonly totalParts: CostParts;
  readonly allocated: PicoUsd;
  readonly allocatedParts: CostParts;
  readonly idle: PicoUsd;
  /** Zero or negative: what namespaces were charged beyond the price of their nodes. */
  readonly overcommit: PicoUsd;
  /** Fees for managing clusters. */
  readonly management: PicoUsd;
}

/** Lines that no workload was charged for. */
const NOBODYS: readonly SpecialKey[] = ['__idle__', '__overcommit__', '__management__'];

export const SORT_KEYS = ['namespace', 'cost', 'cpu', 'ram', 'other', 'efficiency', 'pods'] as const;
export type SortKey = (typeof SORT_KEYS)[number];
export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** The reply in the page's terms. Allocated is what remains of the total without idle, overcommitment and fees: the four add up. */
export function summarize(reply: Pick<NamespaceCosts, 'total' | 'costs'>): CostSummary {
  const total = parseUsd(reply.total.total);
  const totalParts = partsOf(reply.total);
  const rows = reply.costs.map((item): NamespaceRow => {
    const cost = parseUsd(item.cost.total);
    const parts = partsOf(item.cost);
    return {
      namespace: item.namespace,
      cost,
      cpu: parts.cpu,
      ram: parts.ram,
      other: sumOthers(parts),
      parts,
      share: shareOf(cost, total),
      efficiency: item.efficiency,
      pods: item.pod_count,
    };
  });
  const special = rows.filter((row): row is NamespaceRow & { namespace: SpecialKey } => isSpecial(row.namespace));
  const lines = (key: SpecialKey) => special.filter((row) => row.namespace === key);
  const sumOf = (key: SpecialKey) => sumUsd(lines(key).map((row) => row.cost));
  const nobodys = NOBODYS.flatMap(lines);
  const [idle, overcommit, management] = [sumOf('__idle__'), sumOf('__overcommit__'), sumOf('__management__')];
  return {
    namespaces: rows.filter((row) => !isSpecial(row.namespace)),
    special,
    total,
    totalParts,
    allocated: total - idle - overcommit - management,
    allocatedParts: withoutParts(
      totalParts,
      nobodys.map((row) => row.parts),
    ),
    idle,
    overcommit,
    management,
  };
}

/** Rows whose name holds every word of `search`, in order; unknown values last, ties by name. */
export function arrange(rows: readonly NamespaceRow[], search: string, sort: Sort): NamespaceRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter((row) => words.every((word) => row.namespace.toLowerCase().includes(word)));
  return found.sort((a, b) => compareBy(sort, a, b) || compare(a.namespace, b.namespace));
}

function compareBy({ key, descending }: Sort, a: NamespaceRow, b: NamespaceRow): number {
  const left = valueOf(key, a);
  const right = valueOf(key, b);
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const order = compare(left, right);
  return descending ? -order : order;
}

function valueOf(key: SortKey, row: NamespaceRow): string | number | bigint | null {
  return key === 'efficiency' ? row.efficiency.total : row[key];
}

function compare(a: string | number | bigint, b: string | number | bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
