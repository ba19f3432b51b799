import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { describeOracle, readOracle } from '../../test/support/opencost-oracle.ts';
import { efficiency, totalEfficiency } from './efficiency.ts';

test('efficiency is usage over request, and what asked for nothing is efficient if it used and paid for something', () => {
  const f = (usage: number, request: number, cost: number, want: number) =>
    expect(efficiency({ usage, request, cost }), `${usage} of ${request} at ${cost}`).toBe(want);
  f(1, 4, 2, 0.25);
  f(4, 1, 2, 4);
  f(1, 4, 0, 0.25);
  f(0, 4, 2, 0);
  f(1, 0, 2, 1);
  f(1, 0, 0, 0);
  f(0, 0, 2, 0);
  f(0, 0, 0, 0);
});

test('the total is weighted by cost, and nothing where nothing is paid', () => {
  const use = (usage: number, request: number, cost: number) => ({ usage, request, cost });
  expect(totalEfficiency(use(1, 4, 3), use(1, 2, 1))).toBe(0.3125);
  expect(totalEfficiency(use(1, 4, 0), use(1, 2, 0))).toBe(0);
  expect(totalEfficiency(use(1, 0, 1), use(0, 0, 1))).toBe(0.5);
});

const amount = z.number().default(0);
const Summary = z.object({
  CPUCoreRequestAverage: amount,
  CPUCoreUsageAverage: amount,
  CPUCost: amount,
  RAMBytesRequestAverage: amount,
  RAMBytesUsageAverage: amount,
  RAMCost: amount,
});
const Table = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      testsas: z.object({ SummaryAllocations: z.record(z.string(), Summary).default({}) }),
      expectedEfficiency: z.number(),
    }),
  ),
});

describe.each(['CPU', 'RAM'] as const)('%s', (resource) => {
  const table = `summary_${resource.toLowerCase()}_efficiency`;
  const useOf = (row: z.infer<typeof Summary>) =>
    resource === 'CPU'
      ? { usage: row.CPUCoreUsageAverage, request: row.CPUCoreRequestAverage, cost: row.CPUCost }
      : { usage: row.RAMBytesUsageAverage, request: row.RAMBytesRequestAverage, cost: row.RAMCost };

  describeOracle(table, () => {
    test.each(readOracle(table, Table).cases)('$name', ({ testsas, expectedEfficiency }) => {
      const sum = { usage: 0, request: 0, cost: 0 };
      for (const [name, row] of Object.entries(testsas.SummaryAllocations)) {
        if (name.endsWith('__idle__')) continue;
        const use = useOf(row);
        sum.usage += use.usage;
        sum.request += use.request;
        sum.cost += use.cost;
      }
      expect(efficiency(sum)).toBeCloseTo(expectedEfficiency, 9);
    });
  });
});
