/**
 * What an hour of a node costs, and what a container on it is charged. This is the arithmetic of the ledger's SQL
 * (src/ledger/sql/price-*.sql) in plain integers: the same formulae, cut off below at the same places, so that the two can be
 * held against each other to the last pico-dollar.
 *
 * The formulae are OpenCost's. A node that reports a price P is split between CPU, RAM and GPUs in the ratio of its parts at
 * book rates (one factor on all rates); RAM takes the remainder, so the parts are P exactly. Rules of the price version may
 * set another price, another rate for GPUs, and a discount (price-rules.ts). A container is charged the
 * share of its node's capacity that it held, where it holds max(request, usage). What nobody was charged is left over:
 * idle, or overcommitment where it is negative. Nothing is clamped, so charges and remainder are the node's cost exactly.
 */
import { HOUR_MS } from '../lib/clock.ts';
import { addMoney, type Money, ZERO } from '../lib/money.ts';
import { BOOK_RATES } from './price-books.ts';
import type { PriceRates } from './price-rates.ts';
import { type Discount, type DiscountedBasis, type NodeRule, WHOLE_SHARE } from './price-rules.ts';

/** An amount of resources over time, in the ledger's grain. */
export interface ResourceTime {
  /** Micro-core-seconds: one core for one second is 1,000,000. */
  readonly cpu: bigint;
  /** Byte-seconds. */
  readonly ram: bigint;
  /** Micro-GPU-seconds; none where it is not given. */
  readonly gpu?: bigint | undefined;
}

/** A price version, as far as arithmetic goes. */
export interface PriceBook extends PriceRates {
  readonly version: string;
}

export interface Cost {
  readonly cpu: Money;
  readonly ram: Money;
  readonly gpu: Money;
}

export interface NodeHour {
  readonly capacity: ResourceTime;
  readonly spot: boolean;
  /** What its source says that it cost over the covered time (see `costOver`); `null` where it names no price. */
  readonly reported: Money | null;
  /** What the rules of the price version say of this node, and for how long it was seen. */
  readonly rule?: (NodeRule & { readonly coveredMs: number }) | undefined;
}

export interface NodeCost extends Cost {
  /** Where the price comes from: `override` is a rule, and `unknown` (at no cost) a node whose size is not known. */
  readonly basis: 'reported' | 'book' | 'override' | 'unknown';
}

/** What prices an hour where nobody set anything else. */
export const DEFAULT_PRICE_BOOK: PriceBook = { version: 'default', ...BOOK_RATES.default };

const MICRO_HOUR = 3_600_000_000n;
const GIB_HOUR = 3_600n * 2n ** 30n;

/** An hourly price over a time, cut off below at a pico-dollar. */
export function costOver(hourly: Money, durationMs: number): Money {
  return pico((hourly * BigInt(durationMs)) / BigInt(HOUR_MS));
}

/** Storage held over time, at the book's rate per GiB-hour. */
export function storageCost(byteSeconds: bigint, book: PriceBook): Money {
  return pico((byteSeconds * book.storageGibHour) / GIB_HOUR);
}

/** Resources at the book's rates: what a node without a reported price costs, and a container on a node of unknown size. */
export function bookCost(amount: ResourceTime, spot: boolean, book: PriceBook): Cost {
  return atRates(amount, bookRates(spot, book));
}

/** The cost of a node over the time it was seen. */
export function priceNode({ capacity, spot, reported, rule }: NodeHour, book: PriceBook): NodeCost {
  if (capacity.cpu <= 0n || capacity.ram <= 0n) return { ...NOTHING, basis: 'unknown' };
  const { cpuCoreHour, ramGibHour, nodeHour } = rule?.price ?? {};
  const own = bookRates(spot, book);
  const rates = { cpu: cpuCoreHour ?? own.cpu, ram: ramGibHour ?? own.ram, gpu: rule?.gpuHour ?? own.gpu };
  const parts = atRates(capacity, rates);
  if (nodeHour !== undefined) {
    const whole = costOver(nodeHour, rule?.coveredMs ?? 0);
    if (rule?.gpuHour === undefined) return { ...splitWhole(whole, parts), basis: 'override' };
    return { ...splitWhole(whole, { ...parts, gpu: ZERO }), gpu: parts.gpu, basis: 'override' };
  }
  if (rule?.price) return { ...parts, basis: 'override' };
  if (reported !== null) {
    return { ...splitWhole(discounted(reported, 'reported', rule?.discount), parts), basis: 'reported' };
  }
  if (rule?.gpuHour !== undefined && (capacity.gpu ?? 0n) > 0n) return { ...parts, basis: 'override' };
  const off = (part: Money) => discounted(part, 'book', rule?.discount);
  return { cpu: off(parts.cpu), ram: off(parts.ram), gpu: off(parts.gpu), basis: 'book' };
}

const NOTHING: Cost = { cpu: ZERO, ram: ZERO, gpu: ZERO };

function bookRates(spot: boolean, book: PriceBook): Cost {
  return spot
    ? { cpu: book.spotCpuCoreHour, ram: book.spotRamGibHour, gpu: book.spotGpuHour }
    : { cpu: book.cpuCoreHour, ram: book.ramGibHour, gpu: book.gpuHour };
}

function atRates({ cpu, ram, gpu = 0n }: ResourceTime, rates: Cost): Cost {
  return {
    cpu: pico((cpu * rates.cpu) / MICRO_HOUR),
    ram: pico((ram * rates.ram) / GIB_HOUR),
    gpu: pico((gpu * rates.gpu) / MICRO_HOUR),
  };
}

function splitWhole(whole: Money, weights: Cost): Cost {
  const weight = weights.cpu + weights.ram + weights.gpu;
  // A book of zero rates has no ratio to split by, and must not make free what the source says costs something.
  const cpu = pico(weight > 0n ? (whole * weights.cpu) / weight : whole / 2n);
  const gpu = pico(weight > 0n ? (whole * weights.gpu) / weight : 0n);
  return { cpu, ram: pico(whole - cpu - gpu), gpu };
}

function discounted(amount: Money, basis: DiscountedBasis, discount: Discount | undefined): Money {
  if (!discount?.of.includes(basis)) return amount;
  return pico((amount * (WHOLE_SHARE - discount.share)) / WHOLE_SHARE);
}

/** A container's part of its node's cost: what it held ÷ what the node had. The node's size must be known. */
export function chargeContainer(held: ResourceTime, capacity: ResourceTime, nodeCost: Cost): Cost {
  if (capacity.cpu <= 0n || capacity.ram <= 0n) throw new RangeError('cannot charge a share of a node of unknown size');
  return {
    cpu: pico((nodeCost.cpu * held.cpu) / capacity.cpu),
    ram: pico((nodeCost.ram * held.ram) / capacity.ram),
    gpu: capacity.gpu ? pico((nodeCost.gpu * (held.gpu ?? 0n)) / capacity.gpu) : ZERO,
  };
}

/** What is left of a node's cost after its charges: idle, or overcommitment where it is negative. */
export function leftOver(nodeCost: Cost, charges: Iterable<Cost>): Cost {
  let { cpu, ram, gpu } = nodeCost;
  for (const charge of charges) {
    cpu = pico(cpu - charge.cpu);
    ram = pico(ram - charge.ram);
    gpu = pico(gpu - charge.gpu);
  }
  return { cpu, ram, gpu };
}

export function totalCost(cost: Cost): Money {
  return addMoney(addMoney(cost.cpu, cost.ram), cost.gpu);
}

function pico(amount: bigint): Money {
  return amount as Money;
}
