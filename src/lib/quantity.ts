/**
 * Kubernetes quantities (`250m`, `1.5Gi`, `1e3`, `-0.5`), read exactly and in full grammar:
 *
 *     [+-] (digits [. [digits]] | . digits) [n u m k M G T P E | Ki Mi Gi Ti Pi Ei | (e|E) [+-] digits]
 *
 * Kubernetes knows no fraction below 1e-9 and rounds anything finer away from zero; so does this. A quantity is
 * therefore a whole number of nano-units, which for CPU is a whole number of nanocores.
 */
const PATTERN = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([eE])([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;
const NANO_DIGITS = 9;
const NANO = 10n ** BigInt(NANO_DIGITS);

/** Longest text read; Kubernetes itself never prints more than about 20 characters. */
export const QUANTITY_LENGTH_MAX = 64;
const EXPONENT_MAX = 30;

const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY_EXPONENTS: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

/** What nearly every quantity of a real cluster is: a short whole number. Read in plain arithmetic, at half the time. */
const PLAIN = /^(\d{1,6})(m|Ki|Mi|Gi)?$/;
const PLAIN_NANOCORES: Readonly<Record<string, number>> = { '': 1e9, m: 1e6 };
const PLAIN_BYTES: Readonly<Record<string, number>> = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** The quantity in nano-units. Throws RangeError where `text` is not a quantity, or is too long or too large to be one. */
export function parseQuantity(text: string): bigint {
  if (text.length > QUANTITY_LENGTH_MAX) {
    throw new RangeError(`cannot read a quantity of ${text.length} characters; at most ${QUANTITY_LENGTH_MAX}`);
  }
  const match = PATTERN.exec(text);
  if (!match) throw new RangeError(`cannot read "${text}" as a Kubernetes quantity`);
  const [, sign, whole = '', fraction = '', bareFraction = '', , exponentText, suffix = ''] = match;
  const decimals = fraction + bareFraction;
  const exponent = exponentText === undefined ? (DECIMAL_EXPONENTS[suffix] ?? 0) : Number(exponentText);
  if (Math.abs(exponent) > EXPONENT_MAX) throw new RangeError(`cannot read "${text}": its exponent is too large`);
  const digits = BigInt(whole + decimals) << (BINARY_EXPONENTS[suffix] ?? 0n);
  const shift = NANO_DIGITS + exponent - decimals.length;
  const magnitude = shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift));
  return sign === '-' ? -magnitude : magnitude;
}

/** CPU in nanocores, rounded away from zero. Throws RangeError as `parseQuantity`, and beyond 2^53 - 1 nanocores. */
export function parseNanocores(text: string): number {
  const plain = PLAIN.exec(text);
  const unit = plain && PLAIN_NANOCORES[plain[2] ?? ''];
  if (plain && unit) return Number(plain[1]) * unit;
  return safeNumber(parseQuantity(text), text);
}

/** Memory or storage in bytes, rounded away from zero. Throws RangeError as `parseQuantity`, and beyond 2^53 - 1 bytes. */
export function parseBytes(text: string): number {
  const plain = PLAIN.exec(text);
  const unit = plain && PLAIN_BYTES[plain[2] ?? ''];
  if (plain && unit) return Number(plain[1]) * unit;
  const nano = parseQuantity(text);
  return safeNumber(nano < 0n ? -divideUp(-nano, NANO) : divideUp(nano, NANO), text);
}

/** The shortest usual text of a CPU amount: `2`, `250m`, `1500u`, `7n`. `parseNanocores` reads it back exactly. */
export function formatNanocores(nanocores: number): string {
  if (nanocores % 1e9 === 0) return `${nanocores / 1e9}`;
  if (nanocores % 1e6 === 0) return `${nanocores / 1e6}m`;
  return nanocores % 1e3 === 0 ? `${nanocores / 1e3}u` : `${nanocores}n`;
}

/** The shortest usual text of an amount of bytes: `16Gi`, `128Mi`, `4Ki`, `1000`. `parseBytes` reads it back exactly. */
export function formatBytes(bytes: number): string {
  if (bytes === 0) return '0';
  if (bytes % 2 ** 30 === 0) return `${bytes / 2 ** 30}Gi`;
  if (bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20}Mi`;
  return bytes % 2 ** 10 === 0 ? `${bytes / 2 ** 10}Ki` : `${bytes}`;
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function safeNumber(value: bigint, text: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`cannot use "${text}": more than 2^53 - 1 units`);
  return number;
}
