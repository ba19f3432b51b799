import { z } from 'zod';
import type { Trends } from '../contracts/costs.ts';
import { addCosts, NO_COSTS } from '../core/allocation/costs.ts';
import { askedMs, ledgerHours, type Window } from '../core/coverage.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../lib/clock.ts';
import { breakdown, CostColumns, costsOf, costUsd } from './costs.ts';
import { type CoverageRead, coverageRatio, type Step } from './coverage.ts';

export const TrendRow = CostColumns.extend({ cluster: z.string(), step_s: z.coerce.number() });
type TrendRow = z.infer<typeof TrendRow>;

interface TrendRequest {
  readonly scope: Window;
  readonly clusters: readonly { readonly id: string }[];
  readonly coverage: CoverageRead;
  readonly interval: Trends['interval'];
  readonly step: Step;
  readonly now: number;
  readonly currency: string;
}

const STEP_MS = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS } as const;
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** One point for every step of the calendar that the window touches, whether the ledger knows it or not. */
export function toTrends(
  rows: readonly TrendRow[],
  request: TrendRequest,
): Pick<Trends, 'interval' | 'total' | 'trends'> {
  const byStep = Map.groupBy(rows, (row) => row.step_s * SECOND_MS);
  const trends = stepsOf(request.scope, request.step).map((at) => toPoint(at, byStep.get(at) ?? [], request));
  const total = costsOfRows(rows);
  return { interval: request.interval, total: breakdown(total), trends };
}

function toPoint(at: number, rows: readonly TrendRow[], request: TrendRequest): Trends['trends'][number] {
  const hours = ledgerHours(request.scope);
  const stepEnd = at + STEP_MS[request.step];
  const asked = askedMs({ start: Math.max(at, hours.start), end: Math.min(stepEnd, hours.end) }, request.now);
  const coveredMs = (cluster: string) => request.coverage.steps.get(cluster)?.get(at) ?? 0;
  const covered = request.clusters.reduce((sum, { id }) => sum + Math.min(asked, coveredMs(id)), 0);
  // Pods are counted by cluster, and each cluster's averages are over what it covers: both add up over clusters.
  const average = (pick: (row: TrendRow) => number) =>
    rows.reduce((sum, row) => sum + (pick(row) * SECOND_MS) / Math.max(SECOND_MS, coveredMs(row.cluster)), 0);
  const costs = costsOfRows(rows);
  return {
    time: new Date(at).toISOString(),
    coverage: coverageRatio(covered, asked * request.clusters.length),
    total_cpu_request_millicores: average((row) => row.cpu_request) * 1000,
    total_memory_request_bytes: average((row) => row.ram_request),
    avg_cpu_usage_millicores: average((row) => row.cpu_usage) * 1000,
    avg_memory_usage_bytes: average((row) => row.ram_usage),
    pod_count: rows.reduce((sum, row) => sum + row.pod_count, 0),
    estimated_cost_usd: costUsd(costs, request.currency),
    cost: breakdown(costs),
  };
}

function costsOfRows(rows: readonly TrendRow[]) {
  return rows.map(({ costs }) => costsOf(costs)).reduce(addCosts, NO_COSTS);
}

/** Starts of the steps that hold an hour of the window. The first may begin before it: its point holds only the window's hours. */
function stepsOf(window: Window, step: Step): number[] {
  const hours = ledgerHours(window);
  const length = STEP_MS[step];
  const offset = step === 'week' ? FIRST_MONDAY_MS : 0;
  const first = Math.floor((hours.start - offset) / length) * length + offset;
  const count = Math.max(0, Math.ceil((hours.end - first) / length));
  return Array.from({ length: count }, (_, index) => first + index * length);
}
