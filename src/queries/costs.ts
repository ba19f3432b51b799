import { z } from 'zod';
import type { CostBreakdown, Efficiency } from '../contracts/costs.ts';
import { efficiency, totalEfficiency } from '../core/efficiency.ts';
import { addMoney, formatMoney, type Money, moneyToNumber, parseMoney, ZERO } from '../lib/money.ts';

/** Columns that every cost question returns for a row: exact costs as decimal text, resource-seconds as doubles. */
export const CostColumns = z.object({
  cpu_cost: z.string(),
  ram_cost: z.string(),
  cpu_usage: z.coerce.number(),
  cpu_request: z.coerce.number(),
  ram_usage: z.coerce.number(),
  ram_request: z.coerce.number(),
  pod_count: z.coerce.number(),
});
export type CostColumns = z.infer<typeof CostColumns>;

/** The sums over all rows of an answer, whatever page was asked for. */
export const TotalColumns = z.object({
  all_cpu_cost: z.string(),
  all_ram_cost: z.string(),
  all_rows: z.coerce.number(),
});

export interface Costs {
  readonly cpu: Money;
  readonly ram: Money;
}

export const NO_COST: Costs = { cpu: ZERO, ram: ZERO };

export function costsOf(row: Pick<CostColumns, 'cpu_cost' | 'ram_cost'>): Costs {
  return { cpu: parseMoney(row.cpu_cost), ram: parseMoney(row.ram_cost) };
}

export function addCosts(a: Costs, b: Costs): Costs {
  return { cpu: addMoney(a.cpu, b.cpu), ram: addMoney(a.ram, b.ram) };
}

export function breakdown({ cpu, ram }: Costs): CostBreakdown {
  return { cpu: formatMoney(cpu), ram: formatMoney(ram), total: formatMoney(addMoney(cpu, ram)) };
}

export function costUsd({ cpu, ram }: Costs): number {
  return moneyToNumber(addMoney(cpu, ram));
}

/** `null` for what no workload asked for or used: idle capacity has no efficiency. */
export function efficiencyOf(row: CostColumns, costs: Costs): Efficiency {
  const cpu = { usage: row.cpu_usage, request: row.cpu_request, cost: moneyToNumber(costs.cpu) };
  const ram = { usage: row.ram_usage, request: row.ram_request, cost: moneyToNumber(costs.ram) };
  if (cpu.usage + cpu.request + ram.usage + ram.request === 0) return { cpu: null, ram: null, total: null };
  return { cpu: efficiency(cpu), ram: efficiency(ram), total: totalEfficiency(cpu, ram) };
}
