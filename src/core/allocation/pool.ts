import { type Money, portionOf, splitMoney, subtractMoney, ZERO } from '../../lib/money.ts';

/** What the filter lets through, what is shared among others, and the rest, which takes its part of both. */
export type Part = 'asked' | 'shared' | 'other';

/** How a cost falls on those who bear it: by what they pay already, or the same on each row. */
export type Split = 'weighted' | 'even';

/** A row, or what a row has at one place. */
export interface Taker {
  readonly key: string;
  readonly part: Part;
  /** Not negative. */
  readonly weight: bigint;
}

/** Those who bear a cost together, and in which ratio. */
export interface Pool {
  /** By part, and of all of them; 0 where there is nobody. */
  readonly units: Readonly<Record<Part | 'all', bigint>>;
  /** Of each row that the filter lets through. */
  readonly byKey: ReadonlyMap<string, bigint>;
}

/** Where nobody weighs anything, each row counts the same. */
export function poolOf(takers: readonly Taker[], split: Split): Pool {
  const isWeighed = split === 'weighted' && takers.some(({ weight }) => weight > 0n);
  const units = isWeighed ? takers.map(({ weight }) => weight) : evenUnits(takers);
  const sums = { asked: 0n, shared: 0n, other: 0n, all: 0n };
  const byKey = new Map<string, bigint>();
  for (const [index, { key, part }] of takers.entries()) {
    const unit = units[index] ?? 0n;
    sums[part] += unit;
    sums.all += unit;
    if (part === 'asked') byKey.set(key, (byKey.get(key) ?? 0n) + unit);
  }
  return { units: sums, byKey };
}

/** What each part bears: of nothing but two parts, the second takes what the first leaves. */
export function partsOf(amount: Money, { units }: Pool): { readonly asked: Money; readonly shared: Money } {
  if (units.all === 0n) return { asked: ZERO, shared: ZERO };
  const shared = portionOf(amount, units.shared, units.all);
  const asked = units.other === 0n ? subtractMoney(amount, shared) : portionOf(amount, units.asked, units.all);
  return { asked, shared };
}

/** What one row bears. */
export type KeyedShare = readonly [key: string, share: Money];

/** What the filter lets through of an amount, on its rows, to the last digit. */
export function splitByKey(amount: Money, { byKey }: Pool): KeyedShare[] {
  if (amount === ZERO) return [];
  const parts = splitMoney(amount, [...byKey.values()]);
  return Array.from(byKey.keys(), (key, index): KeyedShare => [key, parts[index] ?? ZERO]);
}

/** A row's one unit, in parts so small that nothing is seen of their rounding. */
const UNIT_PARTS = 10n ** 24n;

/**
 * Each row the same, at however many places it is; what is shared counts as one. Where the filter cuts a row in two, its
 * unit falls on both by what they weigh, so that the answers to a filter and to its opposite add up.
 */
function evenUnits(takers: readonly Taker[]): bigint[] {
  const rows = Map.groupBy(takers, ({ part, key }) => (part === 'shared' ? SHARED : key));
  const known = new Map([...rows].map(([row, all]) => [row, { weight: sumOfWeights(all), count: BigInt(all.length) }]));
  return takers.map(({ part, key, weight }) => {
    const whole = known.get(part === 'shared' ? SHARED : key) ?? { weight, count: 1n };
    return whole.weight > 0n ? (UNIT_PARTS * weight) / whole.weight : UNIT_PARTS / whole.count;
  });
}

/** In the place of a key: no row can be called so. */
const SHARED = Symbol('shared');

function sumOfWeights(takers: readonly Taker[]): bigint {
  return takers.reduce((sum, { weight }) => sum + weight, 0n);
}
