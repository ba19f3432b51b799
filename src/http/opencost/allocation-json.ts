import type { OpenCostAllocation, SummaryAllocation } from '../../contracts/opencost.ts';
import type { AggregateKey } from '../../core/aggregate/aggregate-keys.ts';
import { subtractCosts } from '../../core/allocation/costs.ts';
import { sanitizeLabelName } from '../../core/allocation-properties.ts';
import type { Window } from '../../core/coverage.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/clock.ts';
import type { AllocationRow } from '../../queries/allocations.ts';
import { efficiencyOf, totalOf } from '../allocations/answer.ts';
import { openCostName } from '../allocations/row-names.ts';
import { balancersJson, detailsJson, volumesJson } from './details-json.ts';
import { money, round } from './numbers.ts';

/** Theirs: fields of averages are over the run of the row, in hours and not seconds. */
const HOUR_S = 3_600;

export interface RowContext {
  readonly keys: readonly AggregateKey[];
  /** Where idle is measured: a split row is of such a place. */
  readonly idleBy: 'cluster' | 'node';
  readonly window: Window;
  /** Tells an instant (`createInstants`). */
  readonly told: (at: number) => string;
}

/** One row as OpenCost writes it: a cost is without what its source corrected later, which stands beside it. */
export function openCostAllocation(row: AllocationRow, context: RowContext): OpenCostAllocation {
  const { amounts, idle, traffic, adjustments } = row;
  const costs = subtractCosts(row.costs, adjustments);
  const hours = hoursOf(row);
  const { cpu, gpu, ram, total } = efficienciesOf(row);
  const average = (seconds: number) => round(hours === 0 ? 0 : seconds / HOUR_S / hours);
  const { before, after } = detailsJson(row);
  const { told } = context;
  return {
    name: openCostName(row),
    properties: propertiesOf(row, context),
    window: { start: told(context.window.start), end: told(context.window.end) },
    start: told(row.start),
    end: told(row.end),
    minutes: round((row.end - row.start) / MINUTE_MS),
    cpuCores: average(amounts.cpuCoreSeconds),
    cpuCoreRequestAverage: average(amounts.cpuRequestCoreSeconds),
    cpuCoreUsageAverage: average(amounts.cpuUsageCoreSeconds),
    cpuCoreHours: round(amounts.cpuCoreSeconds / HOUR_S),
    cpuCost: money(costs.cpu),
    cpuCostAdjustment: money(adjustments.cpu),
    cpuCostIdle: money(idle.cpu),
    cpuEfficiency: cpu,
    gpuCount: average(amounts.gpuSeconds),
    gpuRequestAverage: average(amounts.gpuRequestSeconds),
    gpuUsageAverage: average(amounts.gpuUsageSeconds),
    gpuHours: round(amounts.gpuSeconds / HOUR_S),
    gpuCost: money(costs.gpu),
    gpuCostAdjustment: money(adjustments.gpu),
    gpuCostIdle: money(idle.gpu),
    gpuEfficiency: gpu,
    networkTransferBytes: round(amounts.networkSentBytes),
    networkReceiveBytes: round(amounts.networkReceivedBytes),
    networkCost: money(costs.network),
    networkCrossZoneCost: money(traffic.crossZone),
    networkCrossRegionCost: money(traffic.crossRegion),
    networkInternetCost: money(traffic.internet),
    networkCostAdjustment: money(adjustments.network),
    loadBalancerCost: money(costs.loadBalancer),
    loadBalancerCostAdjustment: money(adjustments.loadBalancer),
    pvBytes: average(amounts.pvByteSeconds),
    pvByteHours: round(amounts.pvByteSeconds / HOUR_S),
    pvCost: money(costs.pv),
    pvs: volumesJson(row),
    pvCostAdjustment: money(adjustments.pv),
    ramBytes: average(amounts.ramByteSeconds),
    ramByteRequestAverage: average(amounts.ramRequestByteSeconds),
    ramByteUsageAverage: average(amounts.ramUsageByteSeconds),
    ramByteHours: round(amounts.ramByteSeconds / HOUR_S),
    ramCost: money(costs.ram),
    ramCostAdjustment: money(adjustments.ram),
    ramCostIdle: money(idle.ram),
    ramEfficiency: ram,
    externalCost: money(row.costs.external),
    sharedCost: money(row.shared),
    totalCost: money(totalOf(row)),
    totalEfficiency: total,
    ...before,
    lbAllocations: balancersJson(row),
    ...after,
  };
}

/** 0 of what is nobody's. The total is of CPU and RAM alone, as theirs is. */
function efficienciesOf(row: AllocationRow) {
  const { cpu, ram, gpu, total } = efficiencyOf(row);
  return { cpu: round(cpu ?? 0), ram: round(ram ?? 0), gpu: round(gpu ?? 0), total: round(total ?? 0) };
}

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

/** What the keys say, or of idle its node, and what all of the row has in common besides. */
function propertiesOf(row: AllocationRow, { keys, idleBy }: RowContext): OpenCostAllocation['properties'] {
  const keyed = row.kind === 'allocation' ? keys.flatMap((key, index) => propertyOf(key, row.values[index] ?? '')) : [];
  const [place] = row.kind === 'idle' || row.kind === 'overcommit' ? row.values : [];
  if (place !== undefined && idleBy === 'node') keyed.push(['node', place]);
  const known: Record<string, string> = { ...row.common };
  for (const [name, value] of keyed) known[name] = value;
  const shown: Properties = {};
  for (const name of PROPERTIES) {
    if (known[name]) shown[name] = known[name];
  }
  const services = servicesOf(row, keys);
  if (services.length > 0) shown.services = services;
  if (known['providerID']) shown.providerID = known['providerID'];
  addTexts(shown, 'labels', row.details?.labels ?? row.labels);
  addTexts(shown, 'annotations', row.details?.annotations);
  addTexts(shown, 'namespaceLabels', row.described?.labels);
  addTexts(shown, 'namespaceAnnotations', row.described?.annotations);
  return shown;
}

type Properties = OpenCostAllocation['properties'];

/** Of load balancers that the row pays for, those that choose its pods, and the one that it was cut by. */
function servicesOf({ kind, values, details, described }: AllocationRow, keys: readonly AggregateKey[]): string[] {
  const cutBy = keys.findIndex((key) => key.kind === 'service');
  const own = details?.balancers.flatMap(({ service }) => service.split(',')) ?? [];
  const asked = kind === 'allocation' ? (values[cutBy] ?? '') : '';
  if (asked === '' && own.length === 0 && !described?.services.length) return [];
  return [...new Set([asked, ...(described?.services ?? []), ...own])].filter(Boolean);
}

/** In their order; services stand after them, and then the provider's id. */
const PROPERTIES = ['cluster', 'node', 'container', 'controller', 'controllerKind', 'namespace', 'pod'] as const;

type TextsName = 'labels' | 'annotations' | 'namespaceLabels' | 'namespaceAnnotations';

/**
 * Of several spellings that become one name, the one that keys and filters take (allocation-columns.ts): of labels that
 * which is spelt so, where it says something; else the first.
 */
function addTexts(shown: Properties, name: TextsName, texts: Readonly<Record<string, string>> = {}): void {
  const entries = Object.entries(texts);
  if (entries.length === 0) return;
  const asTold = new Map(entries);
  const named = new Map<string, string>();
  for (const [key, value] of asTold) {
    const shown = labelName(key);
    if (named.has(shown)) continue;
    const exact = name === 'labels' ? asTold.get(shown) : undefined;
    named.set(shown, exact || value);
  }
  shown[name] = Object.fromEntries(named);
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

/** Tells instants of one answer, of which most are told of very many rows: the edges of its sets and of runs, by the hour. */
export function createInstants(): (at: number) => string {
  const known = new Map<number, string>();
  return (at) => {
    const told = known.get(at) ?? instant(at);
    if (known.size < INSTANTS_MAX) known.set(at, told);
    return told;
  };
}

const INSTANTS_MAX = 10_000;

/** Without the milliseconds that it never has there. */
export function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
