import { z } from 'zod';
import { Coverage } from './costs.ts';
import { AnswerCurrency } from './fields.ts';
import { decimalNumberOr, wholeNumber, wholeNumberOr } from './numbers.ts';
import {
  aggregateOf,
  ExactAmount as amount,
  filterOf,
  LIST_CHARS_MAX,
  PageOffset,
  QuestionAccumulate,
  QuestionStep,
  QuestionWindow,
  QuestionZone,
  RowSort,
  V1_FILTERS,
} from './question.ts';
import { defineRoute } from './route.ts';

/** Rows of one set. */
export const ALLOCATION_LIMIT_MAX = 50_000;
const LIMIT_DEFAULT = 1_000;
/** Rows that `top` may keep. */
const TOP_MAX = 500;
const MONTHLY_MAX = 1_000_000_000;

/** In a query a word; where arguments come as JSON, a boolean too. */
const flag = z
  .enum(['true', 'false'])
  .transform((word) => word === 'true')
  .or(z.boolean());

/** What every allocation question may ask; see docs/allocation.md. */
export const AllocationQuestionQuery = z.strictObject({
  window: QuestionWindow,
  zone: QuestionZone,
  step: QuestionStep,
  accumulate: QuestionAccumulate,
  aggregate: aggregateOf({
    absent: 'namespace',
    examples: ['namespace', 'cluster,label:app', 'all'],
    about:
      'Keys with commas: cluster, node, namespace, controllerKind, controller, pod, container, label:<name>, …; or all',
  }),
  filter: filterOf({
    examples: ['namespace:"shop"', 'label[app]:"web"+cluster!:"east"'],
    about: 'Filter language v2: namespace:"a","b"+label[app]!:"x"',
  }),
  idle: z
    .enum(['keep', 'hide', 'share'])
    .default('keep')
    .describe('What nobody was charged for: a row, left out, or shared'),
  shareIdle: z
    .enum(['weighted', 'even'])
    .optional()
    .describe(
      'How idle=share splits it over the rows that pay for its resource: by what they pay (weighted), or evenly',
    ),
  idleBy: z
    .enum(['cluster', 'node'])
    .default('cluster')
    .describe('Idle is shared with those on the same cluster, or node'),
  splitIdle: flag.default(false).describe('A row of idle for each cluster, or node'),
  shareNamespaces: z
    .string()
    .max(LIST_CHARS_MAX)
    .default('')
    .describe('Namespaces whose cost the others bear, with commas'),
  shareLabels: z
    .string()
    .max(LIST_CHARS_MAX)
    .default('')
    .meta({ examples: ['app:ingress'] })
    .describe('Likewise by label: name:value, with commas'),
  shareCost: decimalNumberOr({ min: 0, max: MONTHLY_MAX, absent: 0, examples: [730, 30.42] }).describe(
    'So much a month (730 hours) that all bear, in the currency of the answer',
  ),
  shareSplit: z
    .enum(['weighted', 'even'])
    .default('weighted')
    .describe('Shared costs by what each row costs, or evenly'),
  management: z
    .enum(['keep', 'share', 'hide'])
    .default('keep')
    .describe('The fee for managing a cluster: a row, shared, or left out'),
  costMetric: z
    .enum(['cumulative', 'hourly', 'daily', 'monthly'])
    .default('cumulative')
    .describe('What it cost in the set, or what that is by the hour, day or month (730 hours) of the set'),
  currency: AnswerCurrency,
});
export type AllocationQuestionQuery = z.infer<typeof AllocationQuestionQuery>;

/** Rows that may be kept. */
export const TOP = { min: 1, max: TOP_MAX, examples: [10] } as const;
export const ABOUT_TOP = 'Only so many, the dearest of the whole window, and the rest in one row, __other__';

/** Which rows of an answer are shown, and in which order. */
export const AllocationQuery = AllocationQuestionQuery.extend({
  top: wholeNumber(TOP).optional().describe(ABOUT_TOP),
  sort: RowSort,
  limit: wholeNumberOr({ min: 1, max: ALLOCATION_LIMIT_MAX, absent: LIMIT_DEFAULT }).describe('Rows of each set'),
  offset: PageOffset,
});
export type AllocationQuery = z.infer<typeof AllocationQuery>;

export const AllocationListQuery = AllocationQuery.extend({
  ...V1_FILTERS,
  format: z.enum(['json', 'csv', 'arrow']).default('json').describe('csv and arrow have the rows alone'),
});
export type AllocationListQuery = z.infer<typeof AllocationListQuery>;

const ratio = z.number().nullable();

export const AllocationCost = z.object({
  cpu: amount,
  ram: amount,
  gpu: amount,
  pv: amount,
  network: amount,
  load_balancer: amount,
  external: amount.describe('What somebody outside of the cluster bills for it'),
  management: amount.describe('The fee for managing the cluster: rows __management__'),
  idle: amount.describe('Its part of what stood idle, where that is shared'),
  shared: amount.describe('Its part of shared costs'),
  total: amount,
});

const AllocationAdjustment = z.object({
  cpu: amount,
  ram: amount,
  gpu: amount,
  pv: amount,
  network: amount,
  load_balancer: amount,
  total: amount,
});

const AllocationTraffic = z.object({ cross_zone: amount, cross_region: amount, internet: amount });

export const AllocationKind = z
  .enum(['allocation', 'idle', 'overcommit', 'shared', 'management', 'other'])
  .describe('other: what is not among the top; the rest but allocation is nobody’s');

export const Allocation = z.object({
  name: z.string().describe('The values of the keys with slashes, __unallocated__ for what has none; all without keys'),
  kind: AllocationKind,
  keys: z.record(z.string(), z.string()).describe('Each key that was asked for, and its value'),
  start: z
    .string()
    .describe('When it ran, within the window: by the day where workloads are asked for, else by the hour'),
  end: z.string(),
  cpu_core_hours: z.number(),
  cpu_request_core_hours: z.number(),
  cpu_usage_core_hours: z.number(),
  ram_byte_hours: z.number(),
  ram_request_byte_hours: z.number(),
  ram_usage_byte_hours: z.number(),
  gpu_hours: z.number(),
  gpu_request_hours: z.number(),
  gpu_usage_hours: z.number(),
  pv_byte_hours: z.number(),
  network_received_bytes: z.number(),
  network_sent_bytes: z.number(),
  efficiency: z
    .object({ cpu: ratio, ram: ratio, gpu: ratio, total: ratio })
    .describe('Usage ÷ request; the total is of CPU and RAM, weighted by cost'),
  cost: AllocationCost,
  cost_adjustment: AllocationAdjustment.describe('Of these costs, what sources corrected later: a part, not more'),
  network_cost: AllocationTraffic.describe('What the network cost is made of'),
});
export type Allocation = z.infer<typeof Allocation>;

export const AllocationSetReply = z.object({
  start: z.string(),
  end: z.string(),
  total: AllocationCost.describe('Of all its rows, whatever page was asked for'),
  rows: z.int().describe('How many there are'),
  allocations: z.array(Allocation),
});

export const AllocationAnswer = z.object({
  start: z.string(),
  end: z.string(),
  currency: z.string(),
  cost_metric: AllocationQuestionQuery.shape.costMetric.unwrap(),
  aggregate: z.array(z.string()),
  coverage: Coverage,
  total: AllocationCost.describe('Of all rows of all sets'),
  pagination: z.object({ limit: z.int(), offset: z.int() }),
  sets: z.array(AllocationSetReply),
});
export type AllocationAnswer = z.infer<typeof AllocationAnswer>;

export const listAllocations = defineRoute({
  method: 'GET',
  url: '/v1/allocations',
  summary: 'Who used what and what it cost: cut by any keys, with idle and shared costs; the last 7 days by namespace',
  scope: 'read',
  query: AllocationListQuery,
  reply: AllocationAnswer,
  alsoProduces: ['text/csv', 'application/vnd.apache.arrow.stream'],
  otherStatuses: { 304: 'Not changed since the answer of If-None-Match' },
});

export const allocationsCsv = defineRoute({
  method: 'GET',
  url: '/v1/allocations.csv',
  summary: 'The same rows as CSV, one line each',
  scope: 'read',
  query: AllocationQuery.extend(V1_FILTERS),
  reply: z.string(),
  produces: 'text/csv; charset=utf-8',
});
