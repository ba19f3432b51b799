import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../lib/clock.ts';
import { formatMoney, type Money, parseMoney, ZERO } from '../lib/money.ts';
import {
  bookCost,
  type Cost,
  chargeContainer,
  costOver,
  DEFAULT_PRICE_BOOK,
  leftOver,
  priceNode,
  type ResourceTime,
  storageCost,
  totalCost,
} from './pricing.ts';

const GIB = 2n ** 30n;

/** Cores and GiB held for a number of hours. */
function held(cores: number, gib: number, hours = 1): ResourceTime {
  const seconds = BigInt(hours * 3600);
  return { cpu: BigInt(cores * 1e6) * seconds, ram: BigInt(gib * 1024) * (GIB / 1024n) * seconds };
}

const shown = (cost: Cost) => [formatMoney(cost.cpu), formatMoney(cost.ram)];

describe('a node', () => {
  test('without a reported price costs its cores and GiB at book rates, spot nodes at spot rates', () => {
    const f = (spot: boolean, want: string[]) =>
      expect(shown(priceNode({ capacity: held(4, 16), spot, reported: null }, DEFAULT_PRICE_BOOK))).toEqual(want);
    f(false, ['0.126444', '0.067792']);
    f(true, ['0.02662', '0.014272']);
  });

  test('with a reported price costs exactly that, split as its parts at book rates', () => {
    const cost = priceNode({ capacity: held(4, 16), spot: false, reported: parseMoney('0.192') }, DEFAULT_PRICE_BOOK);
    expect(cost.basis).toBe('reported');
    expect(shown(cost)).toEqual(['0.124988405856', '0.067011594144']);
    expect(formatMoney(totalCost(cost))).toBe('0.192');
  });

  test('of unknown size has no cost, whatever price is reported', () => {
    for (const capacity of [held(0, 16), held(4, 0), held(0, 0)]) {
      const cost = priceNode({ capacity, spot: false, reported: parseMoney('0.192') }, DEFAULT_PRICE_BOOK);
      expect([...shown(cost), cost.basis]).toEqual(['0', '0', 'unknown']);
    }
  });

  test('reported as free is free; with a book of zero rates a reported price has no ratio and is halved', () => {
    const free = { ...DEFAULT_PRICE_BOOK, cpuCoreHour: ZERO, ramGibHour: ZERO };
    const node = { capacity: held(4, 16), spot: false };
    expect(priceNode({ ...node, reported: parseMoney('0') }, DEFAULT_PRICE_BOOK)).toEqual({
      cpu: 0n,
      ram: 0n,
      gpu: 0n,
      basis: 'reported',
    });
    expect(priceNode({ ...node, reported: parseMoney('1') }, free)).toEqual({
      cpu: parseMoney('0.5'),
      ram: parseMoney('0.5'),
      gpu: 0n,
      basis: 'reported',
    });
  });
});

test('one core-hour and one GiB-hour at book rates cost the rates', () => {
  expect(shown(bookCost(held(1, 1), false, DEFAULT_PRICE_BOOK))).toEqual(['0.031611', '0.004237']);
  expect(shown(bookCost(held(1, 1, 730), false, DEFAULT_PRICE_BOOK))).toEqual(['23.07603', '3.09301']);
  expect(formatMoney(storageCost(GIB * 3600n * 730n, DEFAULT_PRICE_BOOK))).toBe('0.0399999996');
});

test('a container is charged its share of the node, and the rest is left over', () => {
  const capacity = held(4, 16);
  const node = { cpu: parseMoney('0.4'), ram: parseMoney('0.16'), gpu: ZERO };
  const a = chargeContainer(held(1, 4), capacity, node);
  const b = chargeContainer(held(2, 16), capacity, node);
  expect([shown(a), shown(b)]).toEqual([
    ['0.1', '0.04'],
    ['0.2', '0.16'],
  ]);
  expect(shown(leftOver(node, [a, b]))).toEqual(['0.1', '-0.04']);
  expect(() => chargeContainer(held(1, 1), held(0, 0), node)).toThrow(RangeError);
});

test('charges and what is left over are the cost of the node exactly, also when it is overcommitted', () => {
  const amount = fc.record({ cpu: fc.bigInt(0n, 10n ** 14n), ram: fc.bigInt(0n, 10n ** 17n) });
  const size = fc.record({ cpu: fc.bigInt(1n, 10n ** 13n), ram: fc.bigInt(1n, 10n ** 16n) });
  const price = fc.option(fc.bigInt(0n, 10n ** 15n).map((pico) => pico as Money));
  fc.assert(
    fc.property(size, fc.boolean(), price, fc.array(amount), (capacity, spot, reported, holds) => {
      const node = priceNode({ capacity, spot, reported }, DEFAULT_PRICE_BOOK);
      if (node.basis === 'reported') expect(totalCost(node)).toBe(reported);
      const charges = holds.map((hold) => chargeContainer(hold, capacity, node));
      const rest = leftOver(node, charges);
      const charged = charges.reduce((sum, charge) => sum + totalCost(charge), 0n);
      expect(charged + totalCost(rest)).toBe(totalCost(node));
      if (holds.reduce((sum, hold) => sum + hold.cpu, 0n) <= capacity.cpu) expect(rest.cpu).toBeGreaterThanOrEqual(0n);
    }),
  );
});

test('a price over time is exact for whole hours and cut off below otherwise', () => {
  expect(formatMoney(costOver(parseMoney('0.192'), HOUR_MS))).toBe('0.192');
  expect(formatMoney(costOver(parseMoney('0.1'), HOUR_MS / 3))).toBe('0.033333333333');
});
