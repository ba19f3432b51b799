import type { CostBreakdown } from '../../../src/contracts/costs.ts';
import { formatUsd, type PicoUsd, parseUsd, sumUsd } from '../lib/money.ts';

/** A cost by resource. CPU and memory have colours and columns of their own; the rest is one colour, and told in words. */
export interface CostParts {
  readonly cpu: PicoUsd;
  readonly ram: PicoUsd;
  readonly others: Readonly<Record<OtherResource, PicoUsd>>;
}

/** What the API calls them, and people do. */
const OTHERS = {
  gpu: 'GPUs',
  pv: 'Volumes',
  network: 'Network',
  load_balancer: 'Load balancers',
  external: 'External',
  management: 'Management',
} as const satisfies Partial<Record<keyof CostBreakdown, string>>;

export type OtherResource = keyof typeof OTHERS;

export function partsOf(cost: CostBreakdown): CostParts {
  return { cpu: parseUsd(cost.cpu), ram: parseUsd(cost.ram), others: othersBy((resource) => parseUsd(cost[resource])) };
}

/** What remains of `whole` without `parts`. */
export function withoutParts(whole: CostParts, parts: readonly CostParts[]): CostParts {
  return {
    cpu: whole.cpu - sumUsd(parts.map(({ cpu }) => cpu)),
    ram: whole.ram - sumUsd(parts.map(({ ram }) => ram)),
    others: othersBy((resource) => whole.others[resource] - sumUsd(parts.map(({ others }) => others[resource]))),
  };
}

/** All that is neither CPU nor memory. */
export function sumOthers({ others }: CostParts): PicoUsd {
  return sumUsd(Object.values(others));
}

/** Each of the others that is not zero, as people call it. */
export function listOthers({ others }: CostParts): { label: string; value: PicoUsd }[] {
  const all = Object.entries(othersBy((resource) => others[resource]));
  const labels = new Map<string, string>(Object.entries(OTHERS));
  return all.flatMap(([resource, value]) => (value === 0n ? [] : [{ label: labels.get(resource) ?? resource, value }]));
}

/** `Volumes $1.20, Network $0.31`; empty where there is none. */
export function describeOthers(parts: CostParts): string {
  return listOthers(parts)
    .map(({ label, value }) => `${label} ${formatUsd(value)}`)
    .join(', ');
}

function othersBy(pick: (resource: OtherResource) => PicoUsd): Record<OtherResource, PicoUsd> {
  return {
    gpu: pick('gpu'),
    pv: pick('pv'),
    network: pick('network'),
    load_balancer: pick('load_balancer'),
    external: pick('external'),
    management: pick('management'),
  };
}
