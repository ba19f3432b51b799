/**
 * Amounts of a report, as exact whole numbers. A report prints decimals (`51.626897`); a sum over a month of floats of them
 * would depend on its order, so each becomes a count of a small unit: `scale` of them make one of what is printed.
 */
export type Scale = 1 | 1_000 | 1_000_000 | 1_048_576;

/** What no real cluster comes to in an hour, in the small unit as well: the same bound as the operators' own server has. */
export const AMOUNT_MAX = 1e18;

/** What `%.6f` and the like write: read in plain arithmetic, exact because the count stays below 2^53. */
const PLAIN = /^(\d{1,9})(?:\.(\d{1,6}))?$/;
const WHOLE = /^(\d{1,15})(?:\.0{1,6})?$/;
const DECIMAL = /^(\d{1,40})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,3}))?$/;
const MICRO_DIGITS = 6;
const EXPONENT_MAX = 40;

/**
 * The amount in its small unit, a half rounded up; NaN where `text` is not a decimal, is negative, or is more than
 * `AMOUNT_MAX`. Beyond 2^53 it is the nearest float to the exact number: one part in 10^16.
 */
export function parseAmount(text: string, scale: Scale): number {
  const plain = PLAIN.exec(text);
  if (plain) {
    const micros = Number(plain[1]) * 1e6 + Number((plain[2] ?? '').padEnd(MICRO_DIGITS, '0'));
    if (scale === 1_000_000) return micros;
  }
  const whole = WHOLE.exec(text);
  if (whole && scale === 1) return Number(whole[1]);
  return parseDecimal(text, BigInt(scale));
}

function parseDecimal(text: string, scale: bigint): number {
  const [, whole, fraction = '', exponentText = '0'] = DECIMAL.exec(text) ?? [];
  const exponent = Number(exponentText) - fraction.length;
  if (whole === undefined || Math.abs(exponent) > EXPONENT_MAX * 2) return Number.NaN;
  const units = BigInt(whole + fraction) * scale;
  const amount = Number(
    exponent >= 0 ? units * 10n ** BigInt(exponent) : divideRounded(units, 10n ** BigInt(-exponent)),
  );
  return amount > AMOUNT_MAX ? Number.NaN : amount;
}

function divideRounded(value: bigint, divisor: bigint): bigint {
  return (value + divisor / 2n) / divisor;
}
