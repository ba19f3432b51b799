import { z } from 'zod';
import { AnswerCurrency } from './fields.ts';
import { wholeNumberOr } from './numbers.ts';
import { PageOffset } from './question.ts';

/**
 * Wire shapes of the native cost questions. Field names follow the K8s cost API that agents' users already know, with
 * `coverage` and exact costs added.
 *
 * Costs are of everything that a cluster is paid for: what /v1/allocations, cut by the same, and /v1/assets tell too.
 *
 * Exact amounts are decimal text ("0.133333333333"), because a JSON number cannot carry them; `estimated_cost_usd` is the
 * nearest double of the same total, for charts.
 */
export const LIMIT_DEFAULT = 100;
export const LIMIT_MAX = 1_000;
export const WINDOW_DAYS_MAX = 800;

const instant = z.iso.datetime({ offset: true }).describe('RFC 3339 instant, e.g. 2026-01-31T00:00:00Z');

/** What every cost question may ask. An hour belongs to the window that holds its start, so adjoining windows never share one. */
export const CostQuery = z.object({
  start_time: instant.optional(),
  end_time: instant.optional(),
  cluster: z.string().min(1).max(253).optional().describe('only this cluster, by name'),
  namespace: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe('only this namespace; __idle__, __overcommit__, __unmounted__ and __management__ are some too'),
  currency: AnswerCurrency,
  limit: wholeNumberOr({ min: 1, max: LIMIT_MAX, absent: LIMIT_DEFAULT }),
  offset: PageOffset,
});

export const TrendsQuery = CostQuery.omit({ limit: true, offset: true }).extend({
  interval: z.enum(['hourly', 'daily', 'weekly']).default('daily').describe('weeks begin on Monday, UTC'),
});

const amount = z
  .string()
  .regex(/^-?\d+(\.\d{1,12})?$/)
  .describe('exact decimal amount in the currency of the answer');

/** Every resource that is paid for, by the names of /v1/allocations, and all of them together. */
export const CostBreakdown = z.object({
  cpu: amount,
  ram: amount,
  gpu: amount,
  pv: amount.describe('Volumes'),
  network: amount,
  load_balancer: amount,
  external: amount.describe('What somebody outside of the cluster bills for it'),
  management: amount.describe('The fee for managing the cluster: of the namespace __management__'),
  total: amount.describe('All of these: what /v1/allocations and /v1/assets add up to'),
});
export type CostBreakdown = z.infer<typeof CostBreakdown>;

/** Usage ÷ request, as OpenCost defines it; `null` where nothing was asked for and nothing cost. May exceed 1. */
export const Efficiency = z.object({
  cpu: z.number().nullable(),
  ram: z.number().nullable(),
  total: z.number().nullable(),
});
export type Efficiency = z.infer<typeof Efficiency>;

/** How much of the window the answer knows: covered hours ÷ hours asked for. A missing hour is never silently zero. */
export const Coverage = z.object({
  hours_asked: z.number(),
  hours_covered: z.number(),
  ratio: z.number().min(0).max(1),
  clusters: z.array(
    z.object({ cluster_name: z.string(), hours_covered: z.number(), ratio: z.number(), sources: z.array(z.string()) }),
  ),
});
export type Coverage = z.infer<typeof Coverage>;

const Resources = z.object({
  total_cpu_request_millicores: z
    .number()
    .describe('time-weighted average of the sum of requests, over the covered hours'),
  total_memory_request_bytes: z.number(),
  avg_cpu_usage_millicores: z.number(),
  avg_memory_usage_bytes: z.number(),
  pod_count: z.number().int().describe('distinct pods seen in the window'),
  estimated_cost_usd: z.number().nullable().describe('null where another currency is asked for'),
  cost: CostBreakdown,
  efficiency: Efficiency,
});

const Answer = z.object({
  start_time: z.string(),
  end_time: z.string(),
  currency: z.string(),
  coverage: Coverage,
});

const Page = z.object({ total: z.number().int(), limit: z.number().int(), offset: z.number().int() });

export const NamespaceCost = Resources.extend({ namespace: z.string() });
export const NamespaceCosts = Answer.extend({ total: CostBreakdown, pagination: Page, costs: z.array(NamespaceCost) });
export type NamespaceCosts = z.infer<typeof NamespaceCosts>;

export const ClusterCost = Resources.extend({
  cluster_name: z.string(),
  namespace_count: z.number().int(),
  node_count: z.number().int(),
});
export const ClusterCosts = Answer.extend({ total: CostBreakdown, pagination: Page, costs: z.array(ClusterCost) });
export type ClusterCosts = z.infer<typeof ClusterCosts>;

export const PodUtilization = z.object({
  cluster_name: z.string(),
  namespace: z.string(),
  pod_name: z.string(),
  avg_cpu_usage_millicores: z.number(),
  avg_cpu_request_millicores: z.number(),
  avg_memory_usage_bytes: z.number(),
  avg_memory_request_bytes: z.number(),
  cpu_utilization_percent: z.number().nullable(),
  memory_utilization_percent: z.number().nullable(),
  run_hours: z.number(),
  cost: CostBreakdown,
});
export const Utilization = Answer.extend({ pagination: Page, metrics: z.array(PodUtilization) });
export type Utilization = z.infer<typeof Utilization>;

export const TrendPoint = Resources.omit({ efficiency: true }).extend({
  time: z.string(),
  coverage: z.number().min(0).max(1).describe('covered ÷ asked hours of this step; 0 means unknown, not free'),
});
export const Trends = Answer.extend({
  interval: z.enum(['hourly', 'daily', 'weekly']),
  total: CostBreakdown,
  trends: z.array(TrendPoint),
});
export type Trends = z.infer<typeof Trends>;
