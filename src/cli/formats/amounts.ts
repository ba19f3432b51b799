import { formatMoney, parseMoney } from '../../lib/money.ts';

const SCALE = 12;

/**
 * An amount with thousands separators and this many decimals, rounded half away from zero. One that is not zero is never
 * shown as zero: `<0.01`.
 */
export function showMoney(exact: string, decimals: number): string {
  const amount = parseMoney(exact);
  const magnitude: bigint = amount < 0n ? -BigInt(amount) : amount;
  const rounded = roundTo(magnitude, decimals);
  if (rounded === 0n && amount !== 0n) return `${amount < 0n ? '>-' : '<'}${formatDecimals(1n, decimals)}`;
  return `${amount < 0n && rounded > 0n ? '-' : ''}${formatDecimals(rounded, decimals)}`;
}

/** Decimals that suit a column: cents, and more where the greatest amount is small. */
export function decimalsFor(amounts: readonly string[]): number {
  const greatest = Math.max(0, ...amounts.map((text) => Math.abs(Number(formatMoney(parseMoney(text))))));
  if (greatest >= 1 || greatest === 0) return 2;
  return Math.min(SCALE, 2 + Math.ceil(-Math.log10(greatest)));
}

/** Whole units of the last decimal shown. */
function roundTo(magnitude: bigint, decimals: number): bigint {
  const unit = 10n ** BigInt(SCALE - decimals);
  return (magnitude * 2n + unit) / (unit * 2n);
}

function formatDecimals(units: bigint, decimals: number): string {
  const digits = units.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
}

/** A share as a percentage. Rounded down, so that what is not complete is never shown as 100 %. */
export function showPercent(ratio: number): string {
  return `${(Math.floor(ratio * 1_000 + 1e-9) / 10).toFixed(1)} %`;
}

/** A count of hours: whole where it is whole. */
export function showHours(hours: number): string {
  return Number.isInteger(hours) ? String(hours) : hours.toFixed(1);
}

const BYTES_PER_GIB = 2 ** 30;

export const showCores = (millicores: number): string => (millicores / 1_000).toFixed(2);
export const showGib = (bytes: number): string => `${(bytes / BYTES_PER_GIB).toFixed(2)} GiB`;
