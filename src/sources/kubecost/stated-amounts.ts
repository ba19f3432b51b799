/**
 * The amounts of one allocation in the words and units of hour facts. What an allocation leaves out, or states as null or
 * NaN (as such servers do where they divided by zero), is left out here: it is not zero.
 *
 * Numbers come rounded to 5 decimals by the server. A double carries such a number, and its shortest text is the decimal
 * that was sent, so money becomes pico-dollars without a further error.
 */
import type { FactAmounts } from '../../core/hour-facts.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/clock.ts';
import { parseMoney } from '../../lib/money.ts';
import { type Faults, note } from '../faults.ts';
import type { Row } from '../fields.ts';
import { parseInstant } from '../instant.ts';

type MutableAmounts = { -readonly [K in keyof FactAmounts]: FactAmounts[K] };

/** What the server rounds `minutes` and times to may make an hour a little longer than it is. */
const RUN_MS_MAX = HOUR_MS + MINUTE_MS;
/** Pico-dollars in one dollar, and what is none of them even when rounded. */
const PICO = 1e12;
const PICO_MIN = 1e-13;
const TEXT_CHARS_MAX = 64;
const NUMERIC = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const NOT_A_NUMBER = /^(NaN|[-+]?Inf(inity)?)$/i;

/** Integrals over the hour as the server states them: our name, its field, and ours in one of its unit. */
const INTEGRALS = [
  ['cpu_ucs', 'cpuCoreHours', 3_600_000_000],
  ['ram_bs', 'ramByteHours', 3_600],
] as const;

/** Means over the time that the allocation ran, and ours in one of its unit held for a millisecond. */
const MEANS = [
  ['cpu_usage_ucs', 'cpuCoreUsageAverage', 1_000],
  ['cpu_request_ucs', 'cpuCoreRequestAverage', 1_000],
  ['ram_usage_bs', 'ramByteUsageAverage', 0.001],
  ['ram_request_bs', 'ramByteRequestAverage', 0.001],
] as const;

/** The same, of what few allocations have: they are left out where they are zero. */
const RARE_INTEGRALS = [
  ['gpu_ms', 'gpuHours', HOUR_MS],
  ['network_received_bytes', 'networkReceiveBytes', 1],
  ['network_sent_bytes', 'networkTransferBytes', 1],
] as const;
const RARE_MEANS = [
  ['gpu_usage_ms', 'gpuUsageAverage', 1],
  ['gpu_request_ms', 'gpuRequestAverage', 1],
] as const;

const COSTS = [
  ['cpu_cost_pico', 'cpuCost'],
  ['ram_cost_pico', 'ramCost'],
] as const;

/** Left out where they are zero. The three after `network_cost_pico` are parts of it, and have names that say so. */
const RARE_COSTS = [
  ['cpu_cost_adjustment_pico', 'cpuCostAdjustment'],
  ['ram_cost_adjustment_pico', 'ramCostAdjustment'],
  ['gpu_cost_pico', 'gpuCost'],
  ['gpu_cost_adjustment_pico', 'gpuCostAdjustment'],
  ['pv_cost_pico', 'pvCost'],
  ['pv_cost_adjustment_pico', 'pvCostAdjustment'],
  ['network_cost_pico', 'networkCost'],
  ['network_part_zone_pico', 'networkCrossZoneCost'],
  ['network_part_region_pico', 'networkCrossRegionCost'],
  ['network_part_internet_pico', 'networkInternetCost'],
  ['network_cost_adjustment_pico', 'networkCostAdjustment'],
  ['lb_cost_pico', 'loadBalancerCost'],
  ['lb_cost_adjustment_pico', 'loadBalancerCostAdjustment'],
  ['shared_cost_pico', 'sharedCost'],
  ['external_cost_pico', 'externalCost'],
] as const;

/** Where faults are noted: those that refuse the allocation, and `loose`, what could only not be kept of it. */
export interface AmountFaults {
  readonly faults: Faults;
  readonly loose: Faults;
}

/** All that an allocation states about its hour. `runMs` is how long it ran; null where that is not known. */
export function readAmounts(row: Row, runMs: number | null, noted: AmountFaults): FactAmounts {
  const amounts: MutableAmounts = {};
  if (runMs !== null) put(amounts, 'run_ms', runMs);
  for (const [name, key, scale] of INTEGRALS) put(amounts, name, readQuantity(row, key, { scale, ...noted }));
  for (const [name, key, scale] of RARE_INTEGRALS) putRare(amounts, name, readQuantity(row, key, { scale, ...noted }));
  if (runMs !== null) {
    for (const [name, key, scale] of MEANS) {
      put(amounts, name, readQuantity(row, key, { scale: scale * runMs, ...noted }));
    }
    for (const [name, key, scale] of RARE_MEANS) {
      putRare(amounts, name, readQuantity(row, key, { scale: scale * runMs, ...noted }));
    }
  }
  for (const [name, key] of COSTS) put(amounts, name, readCost(row, key, noted.faults));
  for (const [name, key] of RARE_COSTS) putRare(amounts, name, readCost(row, key, noted.faults));
  return amounts;
}

/** What one persistent volume came to for an allocation: its mean size over the hour, and its cost. */
export function readVolumeAmounts(row: Row, noted: AmountFaults): FactAmounts {
  const amounts: MutableAmounts = {};
  put(amounts, 'capacity_bytes', readQuantity(row, 'byteHours', { scale: 1, ...noted }));
  put(amounts, 'pv_cost_pico', readCost(row, 'cost', noted.faults));
  putRare(amounts, 'pv_cost_adjustment_pico', readCost(row, 'adjustment', noted.faults));
  return amounts;
}

/** How long the allocation ran, from `minutes` or else from its start and end; null where neither is stated. */
export function readRunMs(row: Row, faults: Faults): number | null {
  const minutes = readNumber(row, 'minutes', faults);
  const runMs =
    minutes === undefined ? instantOf(row['end']) - instantOf(row['start']) : Math.round(minutes * MINUTE_MS);
  if (Number.isNaN(runMs)) return null;
  if (runMs >= 0 && runMs <= RUN_MS_MAX) return Math.min(runMs, HOUR_MS);
  note(faults, 'minutes', 'must be between 0 and 60');
  return null;
}

interface Quantity extends AmountFaults {
  /** Ours in one of the server's unit. */
  readonly scale: number;
}

/** A whole number, not negative; undefined where nothing is stated, or more than an amount can hold. */
function readQuantity(row: Row, key: string, { scale, faults, loose }: Quantity): number | undefined {
  const value = readNumber(row, key, faults);
  if (value === undefined) return undefined;
  const amount = Math.round(value * scale);
  if (value < 0) note(faults, key, 'must not be negative');
  else if (Number.isSafeInteger(amount)) return amount;
  else note(loose, key, 'is more than an amount can hold');
  return undefined;
}

/** Pico-dollars, negative where the server says so: idle beyond what a node has, and adjustments, can be. */
function readCost(row: Row, key: string, faults: Faults): number | undefined {
  const value = readNumber(row, key, faults);
  if (value === undefined) return undefined;
  if (Math.abs(value) < PICO_MIN) return 0;
  const pico = Math.abs(value) < Number.MAX_SAFE_INTEGER / PICO ? Number(parseMoney(value)) : Number.NaN;
  if (Number.isSafeInteger(pico)) return pico;
  note(faults, key, 'must be less than 9007 dollars an hour');
  return undefined;
}

function instantOf(value: unknown): number {
  return typeof value === 'string' ? parseInstant(value) : Number.NaN;
}

/** A finite number, or the text of one; undefined where nothing is stated. */
function readNumber(row: Row, key: string, faults: Faults): number | undefined {
  const value = row[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'string' && value.length <= TEXT_CHARS_MAX) {
    if (NUMERIC.test(value) && Number.isFinite(Number(value))) return Number(value);
    if (NOT_A_NUMBER.test(value)) return undefined;
  }
  note(faults, key, 'must be a number');
  return undefined;
}

function put(amounts: MutableAmounts, name: string, amount: number | undefined): void {
  if (amount !== undefined) amounts[name] = amount + 0; // never -0
}

function putRare(amounts: MutableAmounts, name: string, amount: number | undefined): void {
  if (amount !== 0) put(amounts, name, amount);
}
