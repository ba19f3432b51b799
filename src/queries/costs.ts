import { z } from 'zod';
import type { CostBreakdown, Efficiency } from '../contracts/costs.ts';
import { type Costs, costsBy, RESOURCES, sumCosts } from '../core/allocation/costs.ts';
import { LEDGER_CURRENCY } from '../core/currency.ts';
import { efficiency, totalEfficiency } from '../core/efficiency.ts';
import { formatMoney, moneyToNumber, parseMoney } from '../lib/money.ts';

/** Exact decimal text, in the order of RESOURCES. */
const costTexts = z.array(z.string()).length(RESOURCES.length);

/** Columns that every cost question returns for a row: exact costs, and resource-seconds as doubles. */
export const CostColumns = z.object({
  costs: costTexts,
  cpu_usage: z.coerce.number(),
  cpu_request: z.coerce.number(),
  ram_usage: z.coerce.number(),
  ram_request: z.coerce.number(),
  pod_count: z.coerce.number(),
});
export type CostColumns = z.infer<typeof CostColumns>;

/** The sums over all rows of an answer, whatever page was asked for. */
export const TotalColumns = z.object({ all_costs: costTexts, all_rows: z.coerce.number() });

export function costsOf(texts: readonly string[]): Costs {
  return costsBy((resource) => parseMoney(texts[RESOURCES.indexOf(resource)] ?? '0'));
}

/** Costs by resource, as every face of the API tells them. */
export function costTextsOf(costs: Costs): Omit<CostBreakdown, 'total'> {
  return {
    cpu: formatMoney(costs.cpu),
    ram: formatMoney(costs.ram),
    gpu: formatMoney(costs.gpu),
    pv: formatMoney(costs.pv),
    network: formatMoney(costs.network),
    load_balancer: formatMoney(costs.loadBalancer),
    external: formatMoney(costs.external),
    management: formatMoney(costs.management),
  };
}

/** The same, and what they add up to. */
export function breakdown(costs: Costs): CostBreakdown {
  return { ...costTextsOf(costs), total: formatMoney(sumCosts(costs)) };
}

/** The nearest double of the total; `null` where costs are not in dollars. */
export function costUsd(costs: Costs, currency: string): number | null {
  return currency === LEDGER_CURRENCY ? moneyToNumber(sumCosts(costs)) : null;
}

/** `null` for what no workload asked for or used: idle capacity has no efficiency. */
export function efficiencyOf(row: CostColumns, costs: Costs): Efficiency {
  const cpu = { usage: row.cpu_usage, request: row.cpu_request, cost: moneyToNumber(costs.cpu) };
  const ram = { usage: row.ram_usage, request: row.ram_request, cost: moneyToNumber(costs.ram) };
  if (cpu.usage + cpu.request + ram.usage + ram.request === 0) return { cpu: null, ram: null, total: null };
  return { cpu: efficiency(cpu), ram: efficiency(ram), total: totalEfficiency(cpu, ram) };
}
