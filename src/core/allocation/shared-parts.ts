import { type Money, splitMoney, ZERO } from '../../lib/money.ts';
import { type Costs, costsBy, RESOURCES, sumCosts } from './costs.ts';

/** One of the things that everybody bears, and what it costs: of all, or what one row bears of it. */
export interface SharedPart {
  readonly name: string;
  readonly costs: Costs;
}

/** What a row bears of each, in the ratio of what they cost; together exactly `shared`. */
export function sharedPartsOf(shared: Money, parts: readonly SharedPart[]): SharedPart[] {
  const weights = parts.map(({ costs }) => weightOf(sumCosts(costs)));
  if (!weights.some((weight) => weight > 0n)) return [];
  return splitMoney(shared, weights).flatMap((amount, index) => {
    const part = parts[index];
    return part === undefined || weights[index] === 0n
      ? []
      : [{ name: part.name, costs: scaledTo(amount, part.costs) }];
  });
}

/** Costs in the same ratio that add up to `total`. */
function scaledTo(total: Money, costs: Costs): Costs {
  const amounts = splitMoney(
    total,
    RESOURCES.map((resource) => weightOf(costs[resource])),
  );
  const byResource = new Map(RESOURCES.map((resource, index) => [resource, amounts[index]]));
  return costsBy((resource) => byResource.get(resource) ?? ZERO);
}

function weightOf(amount: Money): bigint {
  return amount > 0n ? amount : 0n;
}
