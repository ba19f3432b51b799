import { costOver, DEFAULT_PRICE_BOOK, priceNode, totalCost } from '../../src/core/pricing.ts';
import { HOUR_MS, hourStart, MINUTE_MS } from '../../src/lib/clock.ts';
import { type Money, parseMoney } from '../../src/lib/money.ts';
import type { ClusterLife, SeenNode } from './cluster-life.ts';
import { sumMoney } from './tenant-lab.ts';

/**
 * What the nodes of a cluster cost by the rules of docs/decisions/0004 and the arithmetic of core/pricing.ts, worked out
 * from what was posted and without the ledger.
 */
export function expectedNodeCost({ sights }: ClusterLife): Money {
  const sizes = new Map(sights.flatMap(({ nodes }) => nodes.map((node) => [node.name, node] as const)));
  const seenAt = new Map(
    [...sizes.keys()].map((name) => [
      name,
      sights.filter(({ nodes }) => nodes.some((node) => node.name === name)).map(({ at }) => at),
    ]),
  );
  const hours = [...new Set(sights.map(({ at }) => hourStart(at)))];
  return sumMoney(hours.flatMap((hour) => [...sizes.values()].map((node) => costInHour(node, hour, seenAt))));
}

function costInHour(node: SeenNode, hour: number, seenAt: ReadonlyMap<string, readonly number[]>): Money {
  const within = (ats: readonly number[]) => ats.filter((at) => at >= hour - HOUR_MS && at < hour + HOUR_MS);
  const interval = medianGap([...seenAt.values()].map(within)) ?? MINUTE_MS;
  const hold = Math.min(Math.max(2 * interval, 5 * MINUTE_MS), HOUR_MS);
  const ats = within(seenAt.get(node.name) ?? []).filter((at) => at >= hour - hold);
  const coveredMs = ats.reduce((sum, at, index) => {
    const next = ats[index + 1] ?? Number.POSITIVE_INFINITY;
    const until = Math.min(next - at <= hold ? next : at + interval, hour + HOUR_MS);
    return sum + Math.max(0, until - Math.max(at, hour));
  }, 0);
  const cost = priceNode(
    {
      capacity: {
        cpu: BigInt(node.millicores) * BigInt(coveredMs),
        ram: (BigInt(node.bytes) * BigInt(coveredMs)) / 1_000n,
      },
      spot: false,
      reported: node.price === null ? null : costOver(parseMoney(node.price), coveredMs),
    },
    DEFAULT_PRICE_BOOK,
  );
  return totalCost(cost);
}

/** The lower median of the time between two posts about one node; undefined where no node was seen twice. */
function medianGap(seen: readonly (readonly number[])[]): number | undefined {
  const gaps = seen.flatMap((ats) => ats.slice(1).map((at, index) => at - (ats[index] ?? at)));
  const gap = gaps.toSorted((a, b) => a - b)[Math.floor((gaps.length - 1) / 2)];
  return gap === undefined ? undefined : Math.min(gap, HOUR_MS);
}
