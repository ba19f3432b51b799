/**
 * Amounts arrive as exact decimal text and are added as integers of 1e-12 dollars (pico-dollars), so that the sums
 * on the page equal the sums on the bill. Floats appear only where a length is drawn.
 */
export type PicoUsd = bigint;

const SCALE = 12;
const UNIT = 10n ** BigInt(SCALE);
const PATTERN = /^(-?)(\d+)(?:\.(\d{1,12}))?$/;
const WHOLE_DOLLARS_FROM = 100_000n * UNIT;
const CENTS_FROM = UNIT / 100n;
const SMALLEST_SHOWN = UNIT / 1_000_000n;

/** Reads an exact amount of the API; throws a RangeError on anything else, because a wrong sum is worse than none. */
export function parseUsd(text: string): PicoUsd {
  const match = PATTERN.exec(text);
  if (!match) throw new RangeError(`cannot read "${text.slice(0, 40)}" as an amount of money`);
  const [, sign, whole = '0', fraction = ''] = match;
  const magnitude = BigInt(whole) * UNIT + BigInt(fraction.padEnd(SCALE, '0'));
  return sign === '-' ? -magnitude : magnitude;
}

export function sumUsd(amounts: Iterable<PicoUsd>): PicoUsd {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

/** Rounded to the digits a person can use: `$1,234.56`, `$0.0042`, `−$3.10`, `$250,000`. */
export function formatUsd(amount: PicoUsd): string {
  const magnitude = amount < 0n ? -amount : amount;
  const sign = amount < 0n ? '−' : '';
  if (magnitude !== 0n && magnitude < SMALLEST_SHOWN) return `${sign}<$0.000001`;
  return `${sign}$${fixed(magnitude, digitsFor(magnitude))}`;
}

/** Every digit there is, for tooltips: `$0.133333333333`. */
export function formatExactUsd(amount: PicoUsd): string {
  const magnitude = amount < 0n ? -amount : amount;
  const text = fixed(magnitude, SCALE).replace(/(\.\d\d\d*?)0+$/, '$1');
  return `${amount < 0n ? '−' : ''}$${text}`;
}

/** The nearest double, to draw with; never to add. */
export function usdToNumber(amount: PicoUsd): number {
  return Number(amount) / Number(UNIT);
}

/** `part` ÷ `whole`, to nine places; 0 when there is no whole. */
export function shareOf(part: PicoUsd, whole: PicoUsd): number {
  return whole === 0n ? 0 : Number((part * 1_000_000_000n) / whole) / 1e9;
}

function digitsFor(magnitude: PicoUsd): number {
  if (magnitude >= WHOLE_DOLLARS_FROM) return 0;
  if (magnitude === 0n || magnitude >= CENTS_FROM) return 2;
  const leadingZeros = SCALE - magnitude.toString().length;
  return leadingZeros + 2; // two significant digits
}

function fixed(magnitude: PicoUsd, digits: number): string {
  const step = 10n ** BigInt(SCALE - digits);
  const rounded = ((magnitude + step / 2n) / step) * step;
  const whole = (rounded / UNIT).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  return digits === 0 ? whole : `${whole}.${(rounded % UNIT).toString().padStart(SCALE, '0').slice(0, digits)}`;
}
