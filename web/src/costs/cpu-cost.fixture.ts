import type { CostBreakdown } from '../../../src/contracts/costs.ts';

/** For tests: what costs so much, all of it CPU. */
export function cpuCost(total: string): CostBreakdown {
  const nothing = { ram: '0', gpu: '0', pv: '0', network: '0', load_balancer: '0', external: '0', management: '0' };
  return { ...nothing, cpu: total, total };
}
