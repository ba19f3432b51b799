import { type Money, moneyToNumber } from '../../lib/money.ts';

const DECIMALS = 1e5;

/** To five decimals, as OpenCost writes numbers; what is no number is null. */
export function round(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  const scaled = value * DECIMALS;
  return Number.isFinite(scaled) ? Math.round(scaled) / DECIMALS + 0 : value;
}

/** An amount of dollars, so rounded. */
export function money(amount: Money): number | null {
  return round(moneyToNumber(amount));
}
