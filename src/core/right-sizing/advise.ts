import { HOUR_MS } from '../../lib/clock.ts';
import { addMoney, type Money, ZERO } from '../../lib/money.ts';
import type { ResourceHistory, WorkloadHistory } from './history.ts';
import { monthlySavings } from './monthly-savings.ts';
import { CPU_GRAIN, RAM_GRAIN, type ResourceAim, type ResourceGrain, recommendRequest } from './recommend-request.ts';

export interface AdviceAims {
  readonly cpu: ResourceAim;
  readonly ram: ResourceAim;
  /** With fewer hours in which usage was seen there is no advice. */
  readonly observedHoursMin: number;
}

/** `recommended` is in micro-cores, or bytes; `null` where nothing is known of its use. */
export interface ResourceAdvice {
  readonly recommended: bigint | null;
  readonly monthlySavings: Money;
}

export interface RequestAdvice {
  readonly cpu: ResourceAdvice;
  readonly ram: ResourceAdvice;
  readonly monthlySavings: Money;
}

/** Why there is no advice: its usage was never seen, or in too few hours, or it no longer runs. */
export const SILENCES = ['usage_unknown', 'too_new', 'gone'] as const;
export type Silence = (typeof SILENCES)[number];

/** What has not run for so many hours, as far as its cluster is known, is gone. */
export const GONE_HOURS = 24;

/** Which requests to set, or why nothing is said. */
export function advise(workload: WorkloadHistory, aims: AdviceAims): RequestAdvice | Silence {
  if (workload.lastCoveredAt - workload.lastSeenAt >= GONE_HOURS * HOUR_MS) return 'gone';
  const cpu = adviceOn(workload.cpu, workload, { aim: aims.cpu, grain: CPU_GRAIN });
  const ram = adviceOn(workload.ram, workload, { aim: aims.ram, grain: RAM_GRAIN });
  if (cpu.recommended === null && ram.recommended === null) return 'usage_unknown';
  if (workload.observedHours < aims.observedHoursMin) return 'too_new';
  return { cpu, ram, monthlySavings: addMoney(cpu.monthlySavings, ram.monthlySavings) };
}

function adviceOn(
  history: ResourceHistory,
  workload: WorkloadHistory,
  { aim, grain }: { aim: ResourceAim; grain: ResourceGrain },
): ResourceAdvice {
  const recommended = recommendRequest(history, aim, grain);
  return {
    recommended,
    monthlySavings: recommended === null ? ZERO : monthlySavings(history, recommended, workload),
  };
}
