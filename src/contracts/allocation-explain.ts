import { z } from 'zod';
import { AllocationQuestionQuery } from './allocations.ts';
import { Coverage } from './costs.ts';
import { wholeNumberOr } from './numbers.ts';
import { ExactAmount as amount, PageOffset } from './question.ts';
import { defineRoute } from './route.ts';

/** Days of a window whose rows are explained. */
export const EXPLAIN_DAYS_MAX = 31;
const ROWS_MAX = 100;
const ROWS_DEFAULT = 20;
const SAMPLES_MAX = 500;
const SAMPLES_DEFAULT = 20;

const key = z.string().max(512).optional();

/** The keys of a row of `/v1/allocations` by their names, as it writes them; `__unallocated__` for what has none. */
export const AllocationExplainQuery = AllocationQuestionQuery.pick({ window: true, zone: true, filter: true }).extend({
  cluster: key,
  node: key,
  namespace: key.meta({ examples: ['shop', '__idle__'] }),
  controllerKind: key,
  controller: key,
  pod: key,
  container: key,
  limit: wholeNumberOr({ min: 1, max: ROWS_MAX, absent: ROWS_DEFAULT }).describe('Ledger rows of the page'),
  offset: PageOffset,
  samples: wholeNumberOr({ min: 0, max: SAMPLES_MAX, absent: SAMPLES_DEFAULT }).describe(
    'Raw rows of each kind, the first of the page’s hours',
  ),
});
export type AllocationExplainQuery = z.infer<typeof AllocationExplainQuery>;

const quantity = z.string().describe('exact decimal');

const ResourceArithmetic = z.object({
  rule: z
    .enum(['share', 'rate', 'stated', 'remainder'])
    .describe(
      'share: of the node’s cost, by what was held of its capacity; rate: what was held at the book’s rate, where nobody told ' +
        'the node’s size; stated: by its source; remainder: what the node cost less what was charged on it',
    ),
  held: quantity.describe('What is charged: the greater of request and use, over time'),
  requested: quantity,
  used: quantity,
  unit: z.enum(['core_seconds', 'byte_seconds', 'gpu_seconds']),
  node_capacity: quantity,
  node_cost: amount,
  node_charged: amount.describe('By all on the node, of a remainder'),
  rate: amount,
  arithmetic: z.string().meta({ examples: ['0.4 × 3600 ÷ 14400 = 0.1'] }),
  computed: amount.describe('The arithmetic, done again from these numbers'),
  cost: amount.describe('What the ledger holds'),
  is_same: z.boolean().describe('Whether these two are the same to the last digit'),
});

const ExplainedRow = z.object({
  cluster: z.string(),
  hour: z.string(),
  node: z.string(),
  namespace: z.string(),
  pod: z.string(),
  pod_uid: z.string(),
  container: z.string(),
  controller_kind: z.string(),
  controller: z.string(),
  run_minutes: z.number(),
  source: z.string(),
  price_version: z.string().describe('Its id among the price versions; stated where the source states the cost'),
  on_node: z
    .object({
      spot: z.boolean(),
      covered_minutes: z.number(),
      instance_type: z.string(),
      price_basis: z.string(),
      reported_cost: amount.describe('What its source said that it cost over the covered time'),
      discount: quantity,
    })
    .nullable(),
  cpu: ResourceArithmetic,
  ram: ResourceArithmetic,
  gpu: ResourceArithmetic,
  network: amount,
  external: amount,
  adjustment: amount.describe('Of the total, what its source corrected later'),
  total: amount,
});

const ExplainedAttachment = z.object({
  kind: z.enum(['volume', 'balancer', 'management']),
  cluster: z.string(),
  hour: z.string(),
  namespace: z.string(),
  pod: z.string(),
  name: z.string(),
  storage_class: z.string(),
  minutes: z.number().describe('How long it was there'),
  byte_seconds: quantity,
  volume_byte_seconds: quantity.describe('Of the whole volume, with all who mounted it'),
  volume_cost: amount.describe('Likewise'),
  price_basis: z.string(),
  price_version: z.string(),
  source: z.string(),
  arithmetic: z.string().meta({ examples: ['0.4 × 3600 ÷ 14400 = 0.1'] }),
  cost: amount,
  adjustment: amount.describe('Of it, what its source corrected later'),
});

const ExplainedHour = z.object({
  cluster: z.string(),
  hour: z.string(),
  source: z.string().describe('The source of record'),
  reported_minutes: z.record(z.string(), z.number()).describe('Each source that reported the hour'),
  covered_minutes: z.number(),
  price_version: z.string(),
  computed_at: z.string(),
  management: amount,
});

const ExplainedPrice = z.object({
  id: z.string(),
  effective_from: z.string(),
  created_at: z.string(),
  base: z.string().describe('The book that rates come from which nobody set'),
  note: z.string(),
  rules: z.int().describe('How many rules it has; GET /v1/prices/:id shows them'),
  rates: z.record(z.string(), amount).describe('US dollars'),
});

const RawSample = z.object({
  at: z.string(),
  received_at: z.string(),
  source: z.string(),
  cluster: z.string(),
  node: z.string(),
  namespace: z.string(),
  pod: z.string(),
  container: z.string(),
  values: z.record(z.string(), z.string()).describe('What was told, by name and unit'),
});

const ExplainedSamples = z.object({
  kind: z.enum(['container_samples', 'node_samples', 'hour_facts', 'points']),
  count: z.int().describe('Of the page’s pods and nodes in its hours, as far as they are kept'),
  first_at: z.string().nullable(),
  last_at: z.string().nullable(),
  rows: z.array(RawSample),
});

export const AllocationExplanation = z.object({
  start: z.string(),
  end: z.string(),
  currency: z.literal('USD'),
  coverage: Coverage,
  total: z
    .object({
      cpu: amount,
      ram: amount,
      gpu: amount,
      pv: amount,
      network: amount,
      load_balancer: amount,
      external: amount,
      management: amount,
      total: amount,
    })
    .describe('Of all ledger rows that were asked for, whatever page'),
  rows_total: z.int(),
  attachments_total: z.int(),
  pagination: z.object({ limit: z.int(), offset: z.int() }),
  rows: z.array(ExplainedRow).describe('Of containers, idle and overcommitment'),
  attachments: z.array(ExplainedAttachment).describe('What is paid for beside nodes; the same page of it'),
  hours: z.array(ExplainedHour),
  prices: z.array(ExplainedPrice),
  samples: z.array(ExplainedSamples),
});
export type AllocationExplanation = z.infer<typeof AllocationExplanation>;

export const explainAllocations = defineRoute({
  method: 'GET',
  url: '/v1/allocations/explain',
  summary: 'From one number back to its ledger rows, their arithmetic, prices and samples',
  scope: 'read',
  query: AllocationExplainQuery,
  reply: AllocationExplanation,
});
