import type { AllocationSummary, AllocationSummaryAnswer } from '../../contracts/allocation-views.ts';
import type { Allocation, AllocationAnswer } from '../../contracts/allocations.ts';
import type { AggregateKey } from '../../core/aggregate/aggregate-keys.ts';
import { type Costs, sumCosts, sumIdle } from '../../core/allocation/costs.ts';
import type { Shares } from '../../core/allocation/share.ts';
import type { Window } from '../../core/coverage.ts';
import { efficiency, totalEfficiency } from '../../core/efficiency.ts';
import { type Late, LateArray, LateValue, LazyArray } from '../../lib/json-text.ts';
import { mapped } from '../../lib/mapped.ts';
import { formatMoney, moneyToNumber } from '../../lib/money.ts';
import type { FoundAllocations } from '../../queries/allocations.ts';
import { costTextsOf } from '../../queries/costs.ts';
import { type ArrangedSet, arrange, type View } from './arrange.ts';
import type { ShownRow } from './fold-top.ts';
import { keyName, rowName } from './row-names.ts';
import { totalOf } from './shares.ts';

export { totalOf } from './shares.ts';

const HOUR_S = 3_600;

export interface AnswerContext {
  readonly keys: readonly AggregateKey[];
  /** Of all sets together. */
  readonly window: Window;
  readonly view: View;
}

/** Answers as the native API gives them: exact amounts as decimal text. Rows are made when they are written, in sets as they are found. */
export function allocationAnswer(allocations: FoundAllocations, context: AnswerContext): Late<AllocationAnswer> {
  return answerOf(allocations, context, rowReply);
}

export function summaryAnswer(allocations: FoundAllocations, context: AnswerContext): Late<AllocationSummaryAnswer> {
  return answerOf(allocations, context, summaryReply);
}

function answerOf<T>(
  { sets, coverage, currency }: FoundAllocations,
  { keys, window: whole, view }: AnswerContext,
  reply: (row: ShownRow, names: readonly string[]) => T,
) {
  const names = keys.map(keyName);
  const arranged = arrange(sets, { window: whole, view });
  const shown = ({ window, total, rows, page }: ArrangedSet) => ({
    start: iso(window.start),
    end: iso(window.end),
    total: costReply(total),
    rows,
    allocations: new LazyArray(() => Iterator.from(page).map((row) => reply(row, names))),
  });
  return {
    start: iso(whole.start),
    end: iso(whole.end),
    currency,
    cost_metric: view.metric,
    aggregate: names,
    coverage,
    pagination: { limit: view.limit, offset: view.offset },
    sets: new LateArray(mapped(arranged.sets, shown)),
    total: new LateValue(() => costReply(arranged.total())),
  };
}

function summaryReply(row: ShownRow, names: readonly string[]): AllocationSummary {
  return {
    name: rowName(row),
    kind: row.kind,
    keys: keysReply(row, names),
    start: iso(row.start),
    end: iso(row.end),
    efficiency: efficiencyOf(row),
    cost: costReply(row),
  };
}

export function rowReply(row: ShownRow, names: readonly string[]): Allocation {
  const { amounts } = row;
  return {
    name: rowName(row),
    kind: row.kind,
    keys: keysReply(row, names),
    start: iso(row.start),
    end: iso(row.end),
    cpu_core_hours: amounts.cpuCoreSeconds / HOUR_S,
    cpu_request_core_hours: amounts.cpuRequestCoreSeconds / HOUR_S,
    cpu_usage_core_hours: amounts.cpuUsageCoreSeconds / HOUR_S,
    ram_byte_hours: amounts.ramByteSeconds / HOUR_S,
    ram_request_byte_hours: amounts.ramRequestByteSeconds / HOUR_S,
    ram_usage_byte_hours: amounts.ramUsageByteSeconds / HOUR_S,
    gpu_hours: amounts.gpuSeconds / HOUR_S,
    gpu_request_hours: amounts.gpuRequestSeconds / HOUR_S,
    gpu_usage_hours: amounts.gpuUsageSeconds / HOUR_S,
    pv_byte_hours: amounts.pvByteSeconds / HOUR_S,
    network_received_bytes: amounts.networkReceivedBytes,
    network_sent_bytes: amounts.networkSentBytes,
    efficiency: efficiencyOf(row),
    cost: costReply(row),
    cost_adjustment: adjustmentReply(row.adjustments),
    network_cost: {
      cross_zone: formatMoney(row.traffic.crossZone),
      cross_region: formatMoney(row.traffic.crossRegion),
      internet: formatMoney(row.traffic.internet),
    },
  };
}

function adjustmentReply(adjustments: Costs): Allocation['cost_adjustment'] {
  return {
    cpu: formatMoney(adjustments.cpu),
    ram: formatMoney(adjustments.ram),
    gpu: formatMoney(adjustments.gpu),
    pv: formatMoney(adjustments.pv),
    network: formatMoney(adjustments.network),
    load_balancer: formatMoney(adjustments.loadBalancer),
    total: formatMoney(sumCosts(adjustments)),
  };
}

/** What each key that was asked for is; nothing of what is nobody's, or of many. */
export function keysReply(row: ShownRow, names: readonly string[]): Record<string, string> {
  if (row.kind !== 'allocation') return {};
  return Object.fromEntries(names.map((name, index) => [name, row.values[index] ?? '']));
}

/** `null` for what is nobody's: it has no efficiency. */
export function efficiencyOf({
  kind,
  amounts,
  costs,
}: Pick<ShownRow, 'kind' | 'amounts' | 'costs'>): Allocation['efficiency'] {
  if (kind !== 'allocation' && kind !== 'other') return { cpu: null, ram: null, gpu: null, total: null };
  const cpu = {
    usage: amounts.cpuUsageCoreSeconds,
    request: amounts.cpuRequestCoreSeconds,
    cost: moneyToNumber(costs.cpu),
  };
  const ram = {
    usage: amounts.ramUsageByteSeconds,
    request: amounts.ramRequestByteSeconds,
    cost: moneyToNumber(costs.ram),
  };
  const gpu = { usage: amounts.gpuUsageSeconds, request: amounts.gpuRequestSeconds, cost: moneyToNumber(costs.gpu) };
  return {
    cpu: efficiency(cpu),
    ram: efficiency(ram),
    gpu: efficiency(gpu),
    total: totalEfficiency(cpu, ram),
  };
}

export function costReply(shares: Shares): Allocation['cost'] {
  const { costs } = shares;
  return {
    ...costTextsOf(costs),
    idle: formatMoney(sumIdle(shares.idle)),
    shared: formatMoney(shares.shared),
    total: formatMoney(totalOf(shares)),
  };
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}
