import type { OpenCostAllocation, SummaryAllocation } from '../../contracts/opencost.ts';
import type { AggregateKey } from '../../core/aggregate/aggregate-keys.ts';
import { sanitizeLabelName } from '../../core/allocation-properties.ts';
import type { Window } from '../../core/coverage.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/clock.ts';
import { type Money, moneyToNumber } from '../../lib/money.ts';
import type { AllocationRow } from '../../queries/allocations.ts';
import { efficiencyOf, totalOf } from '../allocations/answer.ts';
import { rowName } from '../allocations/row-names.ts';

/** Theirs: fields of averages are over the run of the row, in hours and not seconds. */
const HOUR_S = 3_600;

export interface RowContext {
  readonly keys: readonly AggregateKey[];
  readonly window: Window;
}

/** One row as OpenCost writes it. What our ledger does not hold is 0 or null, as it is there without the hardware. */
export function openCostAllocation(row: AllocationRow, context: RowContext): OpenCostAllocation {
  const { amounts, costs, idle } = row;
  const hours = hoursOf(row);
  const { cpu, ram, total } = efficiencyOf(row);
  const average = (seconds: number) => round(hours === 0 ? 0 : seconds / HOUR_S / hours);
  return {
    name: rowName(row),
    properties: propertiesOf(row, context),
    window: { start: instant(context.window.start), end: instant(context.window.end) },
    start: instant(row.start),
    end: instant(row.end),
    minutes: round((row.end - row.start) / MINUTE_MS),
    cpuCores: average(amounts.cpuCoreSeconds),
    cpuCoreRequestAverage: average(amounts.cpuRequestCoreSeconds),
    cpuCoreUsageAverage: average(amounts.cpuUsageCoreSeconds),
    cpuCoreHours: round(amounts.cpuCoreSeconds / HOUR_S),
    cpuCost: money(costs.cpu),
    cpuCostAdjustment: 0,
    cpuCostIdle: money(idle.cpu),
    cpuEfficiency: round(cpu ?? 0),
    ...NO_GPU,
    gpuCost: money(costs.gpu),
    gpuCostAdjustment: 0,
    gpuCostIdle: money(idle.gpu),
    gpuEfficiency: 0,
    networkTransferBytes: round(amounts.networkSentBytes),
    networkReceiveBytes: round(amounts.networkReceivedBytes),
    networkCost: money(costs.network),
    ...NO_NETWORK,
    loadBalancerCost: money(costs.loadBalancer),
    loadBalancerCostAdjustment: 0,
    pvBytes: 0,
    pvByteHours: 0,
    pvCost: money(costs.pv),
    pvs: null,
    pvCostAdjustment: 0,
    ramBytes: average(amounts.ramByteSeconds),
    ramByteRequestAverage: average(amounts.ramRequestByteSeconds),
    ramByteUsageAverage: average(amounts.ramUsageByteSeconds),
    ramByteHours: round(amounts.ramByteSeconds / HOUR_S),
    ramCost: money(costs.ram),
    ramCostAdjustment: 0,
    ramCostIdle: money(idle.ram),
    ramEfficiency: round(ram ?? 0),
    externalCost: 0,
    sharedCost: money(row.shared),
    totalCost: money(totalOf(row)),
    totalEfficiency: round(total ?? 0),
    lbAllocations: null,
  };
}

const NO_GPU = { gpuCount: 0, gpuRequestAverage: 0, gpuUsageAverage: 0, gpuHours: 0 } as const;
const NO_NETWORK = {
  networkCrossZoneCost: 0,
  networkCrossRegionCost: 0,
  networkInternetCost: 0,
  networkCostAdjustment: 0,
} as const;

/** The same row with the fields of a summary, in their order. */
export function summaryAllocation(row: AllocationRow, context: RowContext): SummaryAllocation {
  const all = openCostAllocation(row, context);
  return {
    name: all.name,
    start: all.start,
    end: all.end,
    cpuCoreRequestAverage: all.cpuCoreRequestAverage,
    cpuCoreUsageAverage: all.cpuCoreUsageAverage,
    cpuCost: all.cpuCost,
    cpuCostIdle: all.cpuCostIdle,
    gpuRequestAverage: all.gpuRequestAverage,
    gpuUsageAverage: all.gpuUsageAverage,
    gpuCost: all.gpuCost,
    gpuCostIdle: all.gpuCostIdle,
    networkCost: all.networkCost,
    loadBalancerCost: all.loadBalancerCost,
    pvCost: all.pvCost,
    ramByteRequestAverage: all.ramByteRequestAverage,
    ramByteUsageAverage: all.ramByteUsageAverage,
    ramCost: all.ramCost,
    ramCostIdle: all.ramCostIdle,
    sharedCost: all.sharedCost,
    externalCost: all.externalCost,
    totalEfficiency: all.totalEfficiency,
    totalCost: all.totalCost,
  };
}

/** What the keys say, and what all of the row has in common besides. */
function propertiesOf(row: AllocationRow, { keys }: RowContext): OpenCostAllocation['properties'] {
  const keyed = row.kind === 'allocation' ? keys.flatMap((key, index) => propertyOf(key, row.values[index] ?? '')) : [];
  const known = Object.entries({ ...row.common, ...Object.fromEntries(keyed) }).filter(([, value]) => value !== '');
  const labels = Object.entries(row.labels).map(([key, value]) => [labelName(key), value] as const);
  return { ...Object.fromEntries(known), ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }) };
}

const SHOWN = new Set(['cluster', 'node', 'namespace', 'controllerKind', 'pod', 'container']);

function propertyOf(key: AggregateKey, value: string): (readonly [string, string])[] {
  if (key.kind !== 'text') return [];
  if (key.property === 'providerId') return [['providerID', value]];
  return SHOWN.has(key.property) ? [[key.property, value]] : [];
}

function labelName(key: string): string {
  return sanitizeLabelName(key.startsWith('label_') ? key.slice('label_'.length) : key);
}

function hoursOf({ start, end }: AllocationRow): number {
  return (end - start) / HOUR_MS;
}

function money(amount: Money): number | null {
  return round(moneyToNumber(amount));
}

const DECIMALS = 1e5;

/** To five decimals; what is no number is null. */
function round(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  const scaled = value * DECIMALS;
  return Number.isFinite(scaled) ? Math.round(scaled) / DECIMALS + 0 : value;
}

/** Without the milliseconds that it never has there. */
export function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
