import { z } from 'zod';
import {
  ABOUT_TOP,
  Allocation,
  AllocationCost,
  AllocationKind,
  AllocationQuery,
  AllocationQuestionQuery,
  TOP,
} from './allocations.ts';
import { Coverage } from './costs.ts';
import { wholeNumberOr } from './numbers.ts';
import { ExactAmount as amount, V1_FILTERS } from './question.ts';
import { defineRoute } from './route.ts';

/** A row without its amounts of resources. */
const AllocationSummary = Allocation.pick({
  name: true,
  kind: true,
  keys: true,
  start: true,
  end: true,
  efficiency: true,
  cost: true,
});
export type AllocationSummary = z.infer<typeof AllocationSummary>;

export const AllocationSummaryAnswer = z.object({
  start: z.string(),
  end: z.string(),
  currency: z.string(),
  cost_metric: z.string(),
  aggregate: z.array(z.string()),
  coverage: Coverage,
  total: AllocationCost.describe('Of all rows of all sets'),
  pagination: z.object({ limit: z.int(), offset: z.int() }),
  sets: z.array(
    z.object({
      start: z.string(),
      end: z.string(),
      total: AllocationCost.describe('Of all its rows, whatever page was asked for'),
      rows: z.int().describe('How many there are'),
      allocations: z.array(AllocationSummary),
    }),
  ),
});
export type AllocationSummaryAnswer = z.infer<typeof AllocationSummaryAnswer>;

const notModified = { 304: 'Not changed since the answer of If-None-Match' };

export const summarizeAllocations = defineRoute({
  method: 'GET',
  url: '/v1/allocations/summary',
  summary: 'The same rows with their costs and efficiency alone',
  scope: 'read',
  query: AllocationQuery.extend(V1_FILTERS),
  reply: AllocationSummaryAnswer,
  otherStatuses: notModified,
});

/** Lines of a chart, unless more are asked for. */
const SERIES_DEFAULT = 10;

export const AllocationTimeseriesQuery = AllocationQuestionQuery.extend({
  top: wholeNumberOr({ ...TOP, absent: SERIES_DEFAULT }).describe(ABOUT_TOP),
});
export type AllocationTimeseriesQuery = z.infer<typeof AllocationTimeseriesQuery>;

const AllocationSeries = z.object({
  name: z.string(),
  kind: AllocationKind,
  keys: z.record(z.string(), z.string()),
  total: amount.describe('Over the whole window'),
  cost: z.array(amount.nullable()).describe('Of each step; null where nothing is known of the step'),
});

export const AllocationTimeseries = z.object({
  start: z.string(),
  end: z.string(),
  currency: z.string(),
  cost_metric: z.string(),
  aggregate: z.array(z.string()),
  coverage: Coverage,
  total: amount.describe('Of all series, over the whole window'),
  steps: z.array(z.string()).describe('Where each step begins; the last ends with the window'),
  step_coverage: z.array(z.number()).describe('Of each step: covered ÷ asked hours, over the clusters asked about'),
  step_total: z.array(amount.nullable()),
  series: z.array(AllocationSeries).describe('Dearest first; __other__ and what is nobody’s after them'),
});
export type AllocationTimeseries = z.infer<typeof AllocationTimeseries>;

export const allocationTimeseries = defineRoute({
  method: 'GET',
  url: '/v1/allocations/timeseries',
  summary:
    'What the dearest rows cost step by step, for charts; by the day of the last 7 days when not asked otherwise',
  scope: 'read',
  query: AllocationTimeseriesQuery.extend(V1_FILTERS),
  reply: AllocationTimeseries,
  otherStatuses: notModified,
});
