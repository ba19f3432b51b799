/**
 * Money is an exact count of pico-units (1e-12) of one currency.
 *
 * Every cost here is a sum of many tiny terms (a millicore for a second). Binary floats make such sums depend on
 * order, so a namespace total would differ from the sum of its pods. Integers do not. In SQL the same quantity is a
 * `Decimal(18, 12)`.
 */
export type Money = bigint & { readonly __unit: 'pico' };

/** Digits after the point that an amount has. */
export const MONEY_DECIMALS = 12;
const SCALE = MONEY_DECIMALS;
const PATTERN = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const EXPONENT_MAX = 30;

/** The only way into the type. */
const pico = (amount: bigint) => amount as Money;

export const ZERO = pico(0n);

/** Reads a decimal text or a finite number exactly; digits beyond 1e-12 are rounded half away from zero. */
export function parseMoney(input: string | number): Money {
  const short = typeof input === 'string' ? parseShort(input) : undefined;
  if (short !== undefined) return short;
  const text = String(input).trim();
  const match = PATTERN.exec(text);
  if (!match) throw new RangeError(`cannot read "${text.slice(0, 40)}" as an amount of money`);
  const [, sign, whole = '0', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > EXPONENT_MAX) {
    throw new RangeError(`cannot read "${text.slice(0, 40)}": exponent out of range`);
  }
  const shift = SCALE - fraction.length + exponent;
  const digits = BigInt(whole + fraction);
  const magnitude = shift >= 0 ? digits * 10n ** BigInt(shift) : roundedDivide(digits, 10n ** BigInt(-shift));
  return pico(sign === '-' ? -magnitude : magnitude);
}

const SHORT_CHARS = 16;
const PICOS = 10 ** SCALE;
const [DIGIT_0, DIGIT_9] = [48, 57];

/**
 * An amount below 1,000 with all digits that it may have, as nearly all are that are read by the ten thousand: a double still
 * counts its picos, which takes a third of the time. Of any other text, nothing.
 */
function parseShort(text: string): Money | undefined {
  if (text === '0') return ZERO;
  const from = text.startsWith('-') ? 1 : 0;
  const point = text.indexOf('.', from);
  const whole = point === -1 ? text.length : point;
  const decimals = point === -1 ? 0 : text.length - point - 1;
  if (text.length > from + SHORT_CHARS || whole - from < 1 || whole - from > 3 || decimals > SCALE) return undefined;
  if (point !== -1 && decimals === 0) return undefined;
  let digits = 0;
  for (let index = from; index < text.length; index += 1) {
    if (index === point) continue;
    const code = text.charCodeAt(index);
    if (code < DIGIT_0 || code > DIGIT_9) return undefined;
    digits = digits * 10 + (code - DIGIT_0);
  }
  const picos = digits * 10 ** (SCALE - decimals);
  return pico(BigInt(from === 1 ? -picos : picos));
}

function roundedDivide(value: bigint, divisor: bigint): bigint {
  return (value * 2n + divisor) / (divisor * 2n);
}

/** The exact decimal text, without trailing zeros: `0.4`, `-1.000000000001`, `0`. */
export function formatMoney(amount: Money): string {
  if (amount === ZERO) return '0';
  const digits = `${amount < 0n ? 0n - amount : amount}`.padStart(SCALE + 1, '0');
  const sign = amount < 0n ? '-' : '';
  const point = digits.length - SCALE;
  let end = digits.length;
  while (end > point && digits[end - 1] === '0') end -= 1;
  const whole = digits.slice(0, point);
  return end === point ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(point, end)}`;
}

const COUNTED_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Whether a double counts its picos: below some 9,000. */
function isCounted(amount: Money): boolean {
  return amount <= COUNTED_MAX && amount >= -COUNTED_MAX;
}

/** The nearest double, for JSON numbers and charts. Never sum the results: sum the amounts, then convert. */
export function moneyToNumber(amount: Money): number {
  return isCounted(amount) ? Number(amount) / PICOS : Number(formatMoney(amount)); // either is rounded once
}

export function addMoney(a: Money, b: Money): Money {
  return pico(a + b);
}

export function subtractMoney(a: Money, b: Money): Money {
  return pico(a - b);
}

/**
 * Splits `total` by non-negative `weights` so that the parts add up to it exactly; where all weights are 0, evenly. Each part
 * is within 1e-12 of its exact share.
 */
export function splitMoney(total: Money, weights: readonly bigint[]): Money[] {
  const known = weights.some((weight) => weight > 0n) ? weights : weights.map(() => 1n);
  const sum = known.reduce((a, b) => a + b, 0n);
  let given = 0n;
  let seen = 0n;
  return known.map((weight) => {
    seen += weight;
    const upTo = nearestQuotient(total * seen, sum); // cumulative, so that what is cut off never piles up
    const part = upTo - given;
    given = upTo;
    return pico(part);
  });
}

/** The amount times `part` ÷ `whole`, to the nearest 1e-12; `whole` is positive. */
export function portionOf(amount: Money, part: bigint, whole: bigint): Money {
  return pico(nearestQuotient(amount * part, whole));
}

/** Halves go away from zero. The divisor is positive. */
function nearestQuotient(value: bigint, divisor: bigint): bigint {
  return value < 0n ? -roundedDivide(-value, divisor) : roundedDivide(value, divisor);
}
