/** What one row of an answer used, asked for and cost. Any unit of resource-time, as long as usage and request share it. */
export interface ResourceUse {
  readonly usage: number;
  readonly request: number;
  readonly cost: number;
}

/**
 * Usage ÷ request; above 1 where more was used than asked for. With no request: 0 where nothing was used or it cost
 * nothing, else 1. (OpenCost, Allocation.CPUEfficiency.)
 */
export function efficiency({ usage, request, cost }: ResourceUse): number {
  if (request > 0) return usage / request;
  return usage === 0 || cost === 0 ? 0 : 1;
}

/** The cost-weighted mean of the efficiencies of CPU and RAM; 0 where both cost nothing. (OpenCost, TotalEfficiency.) */
export function totalEfficiency(cpu: ResourceUse, ram: ResourceUse): number {
  const cost = cpu.cost + ram.cost;
  return cost === 0 ? 0 : (efficiency(cpu) * cpu.cost + efficiency(ram) * ram.cost) / cost;
}
