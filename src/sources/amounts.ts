/**
 * Readers of amounts: CPU, memory, counters and prices. What they return is whole, finite, not negative and below a named
 * maximum, whatever the sender wrote.
 */
import { formatMoney, parseMoney, ZERO } from '../lib/money.ts';
import { parseBytes, parseNanocores } from '../lib/quantity.ts';
import { type Faults, note } from './faults.ts';
import type { Field, Row } from './fields.ts';

/** Several times the largest machines there are. */
const CORES_MAX = 10_000;
const MEMORY_TIB_MAX = 128;
const GPUS_MAX = 1_000;
const HOURLY_COST_USD_MAX = 100_000;
const TEXT_CHARS_MAX = 64;
const NUMERIC = /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$/;

interface Unit {
  /** Our units (nanocores, bytes) in one of the sender's. */
  readonly scale: number;
  /** In our units. */
  readonly max: number;
  /** `max` as people say it. */
  readonly limit: string;
  /** Reads a text in our units; throws RangeError. */
  readonly ofText: (text: string) => number;
}

const CPU = { max: CORES_MAX * 1e9, limit: `${CORES_MAX} cores`, ofText: parseNanocores };
export const MILLICORES: Unit = { ...CPU, scale: 1e6, ofText: nanocoresOfMillicores };
export const CORES: Unit = { ...CPU, scale: 1e9 };
/** As our own samples have them. */
export const NANOCORES: Unit = { ...CPU, scale: 1, ofText: nanocoresOfText };
/** Devices are counted: a text is a plain number, without a suffix. */
const GPU = { max: GPUS_MAX * 1e9, limit: `${GPUS_MAX} GPUs` };
export const NANOGPUS: Unit = { ...GPU, scale: 1, ofText: Number };
export const GPUS: Unit = { ...GPU, scale: 1e9, ofText: (text) => Number(text) * 1e9 };
export const BYTES: Unit = {
  scale: 1,
  max: MEMORY_TIB_MAX * 2 ** 40,
  limit: `${MEMORY_TIB_MAX} TiB`,
  ofText: parseBytes,
};
/** Counters grow for as long as a pod lives. */
export const COUNTED_BYTES: Unit = { ...BYTES, max: Number.MAX_SAFE_INTEGER, limit: '2^53 - 1 bytes' };

export interface AmountField extends Field {
  readonly unit: Unit;
}

export function amountField(key: string, unit: Unit, path = key): AmountField {
  return { key, path, unit };
}

/**
 * A whole number of nanocores or bytes; null where not known. A number is in the field's own unit, and so is a plain
 * numeric text; a text with a suffix is a Kubernetes quantity.
 */
export function readAmount(row: Row, field: AmountField, faults: Faults): number | null {
  const value = row[field.key];
  if (value === undefined || value === null) return null;
  const { unit } = field;
  const amount = typeof value === 'number' ? value * unit.scale : amountOfText(value, unit);
  if (amount >= 0 && amount <= unit.max) return Math.round(amount) + 0; // + 0 turns -0 into 0
  note(faults, field.path, amountFault(amount, unit));
  return null;
}

/** Whether a post says anything of a field that most leave out. */
export function isTold(row: Row, { key }: Field): boolean {
  return row[key] !== undefined && row[key] !== null;
}

/** As `readAmount`, for a capacity: no machine has none, so 0 is "not known" too. */
export function readCapacity(row: Row, field: AmountField, faults: Faults): number | null {
  return readAmount(row, field, faults) || null;
}

/** `250` is 250 millicores, as the field's name says; `250m` is a quantity of cores, and the same. */
function nanocoresOfMillicores(text: string): number {
  return NUMERIC.test(text) ? Number(text) * 1e6 : parseNanocores(text);
}

/** A plain number is of nanocores, as the field's name says; a text with a suffix is a quantity of cores. */
function nanocoresOfText(text: string): number {
  return NUMERIC.test(text) ? Number(text) : parseNanocores(text);
}

/** NaN where `value` is neither a numeric text nor a quantity. */
function amountOfText(value: unknown, unit: Unit): number {
  if (typeof value !== 'string' || value.length > TEXT_CHARS_MAX) return Number.NaN;
  try {
    return unit.ofText(value);
  } catch (error) {
    if (error instanceof RangeError) return Number.NaN;
    throw error;
  }
}

function amountFault(amount: number, { max, limit }: Unit): string {
  if (amount < 0) return 'must not be negative';
  return amount > max ? `must be at most ${limit}` : 'must be a number';
}

/** A price in US dollars per hour as exact decimal text; null where not known, which is also what 0 means. */
export function readHourlyCost(row: Row, field: Field, faults: Faults): string | null {
  const value = row[field.key];
  if (value === undefined || value === null) return null;
  const cost = moneyOf(value);
  if (cost === null) note(faults, field.path, 'must be a number');
  else if (cost < ZERO) note(faults, field.path, 'must not be negative');
  else if (cost > parseMoney(HOURLY_COST_USD_MAX)) note(faults, field.path, `must be at most ${HOURLY_COST_USD_MAX}`);
  else return cost === ZERO ? null : formatMoney(cost);
  return null;
}

function moneyOf(value: unknown) {
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  if (typeof value === 'string' && value.length > TEXT_CHARS_MAX) return null;
  try {
    return parseMoney(value);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
