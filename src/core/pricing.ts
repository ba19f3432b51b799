/**
 * What an hour of a node costs, and what a container on it is charged. This is the arithmetic of the ledger's SQL
 * (src/ledger/sql/price-*.sql) in plain integers: the same formulae, cut off below at the same places, so that the two can be
 * held against each other to the last pico-dollar.
 *
 * The formulae are OpenCost's. A node that reports a price P is split between CPU and RAM in the ratio of its parts at
 * book rates (one factor on both rates); RAM takes the remainder, so the parts are P exactly. A container is charged the
 * share of its node's capacity that it held, where it holds max(request, usage). What nobody was charged is left over:
 * idle, or overcommitment where it is negative. Nothing is clamped, so charges and remainder are the node's cost exactly.
 */
import { HOUR_MS } from '../lib/clock.ts';
import { addMoney, type Money, ZERO } from '../lib/money.ts';
import { BOOK_RATES } from './price-books.ts';
import type { PriceRates } from './price-rates.ts';

/** An amount of both resources over time, in the ledger's grain. */
export interface ResourceTime {
  /** Micro-core-seconds: one core for one second is 1,000,000. */
  readonly cpu: bigint;
  /** Byte-seconds. */
  readonly ram: bigint;
}

/** A price version, as far as arithmetic goes. */
export interface PriceBook extends PriceRates {
  readonly version: string;
}

export interface Cost {
  readonly cpu: Money;
  readonly ram: Money;
}

export interface NodeHour {
  readonly capacity: ResourceTime;
  readonly spot: boolean;
  /** What its source says that it cost over the covered time (see `costOver`); `null` where it names no price. */
  readonly reported: Money | null;
}

export interface NodeCost extends Cost {
  /** Where the price comes from; `unknown` (and no cost) where the node's size is not known. */
  readonly basis: 'reported' | 'book' | 'unknown';
}

/** What prices an hour where nobody set anything else. */
export const DEFAULT_PRICE_BOOK: PriceBook = { version: 'default', ...BOOK_RATES.default };

const MICRO_CORE_HOUR = 3_600_000_000n;
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
  const cpuRate = spot ? book.spotCpuCoreHour : book.cpuCoreHour;
  const ramRate = spot ? book.spotRamGibHour : book.ramGibHour;
  return {
    cpu: pico((amount.cpu * cpuRate) / MICRO_CORE_HOUR),
    ram: pico((amount.ram * ramRate) / GIB_HOUR),
  };
}

/** The cost of a node over the time it was seen. */
export function priceNode(node: NodeHour, book: PriceBook): NodeCost {
  if (node.capacity.cpu <= 0n || node.capacity.ram <= 0n) return { cpu: ZERO, ram: ZERO, basis: 'unknown' };
  const atBook = bookCost(node.capacity, node.spot, book);
  const weight = atBook.cpu + atBook.ram;
  if (node.reported === null) return { ...atBook, basis: 'book' };
  // A book of zero rates has no ratio to split by, and must not make free what the source says costs something.
  const cpu = pico(weight > 0n ? (node.reported * atBook.cpu) / weight : node.reported / 2n);
  return { cpu, ram: pico(node.reported - cpu), basis: 'reported' };
}

/** A container's part of its node's cost: what it held ÷ what the node had. The node's size must be known. */
export function chargeContainer(held: ResourceTime, capacity: ResourceTime, nodeCost: Cost): Cost {
  if (capacity.cpu <= 0n || capacity.ram <= 0n) throw new RangeError('cannot charge a share of a node of unknown size');
  return {
    cpu: pico((nodeCost.cpu * held.cpu) / capacity.cpu),
    ram: pico((nodeCost.ram * held.ram) / capacity.ram),
  };
}

/** What is left of a node's cost after its charges: idle, or overcommitment where it is negative. */
export function leftOver(nodeCost: Cost, charges: Iterable<Cost>): Cost {
  let { cpu, ram } = nodeCost;
  for (const charge of charges) {
    cpu = pico(cpu - charge.cpu);
    ram = pico(ram - charge.ram);
  }
  return { cpu, ram };
}

export function totalCost(cost: Cost): Money {
  return addMoney(cost.cpu, cost.ram);
}

function pico(amount: bigint): Money {
  return amount as Money;
}
