import { z } from 'zod';
import { Coverage } from './costs.ts';
import { AnswerCurrency } from './fields.ts';
import { wholeNumberOr } from './numbers.ts';
import {
  aggregateOf,
  ExactAmount as amount,
  filterOf,
  PageOffset,
  QuestionAccumulate,
  QuestionStep,
  QuestionWindow,
  QuestionZone,
  RowSort,
} from './question.ts';
import { defineRoute } from './route.ts';

/** Rows of one page of a set. */
export const ASSET_LIMIT_MAX = 50_000;
const LIMIT_DEFAULT = 1_000;

/** What every asset question may ask; see docs/assets.md. */
export const AssetQuery = z.strictObject({
  window: QuestionWindow,
  zone: QuestionZone,
  step: QuestionStep,
  accumulate: QuestionAccumulate,
  aggregate: aggregateOf({
    absent: '',
    examples: ['type', 'cluster,label:team', 'all'],
    about: 'Keys with commas: type, category, cluster, provider, name, pool, label:<name>, …; all; or each asset',
  }),
  filter: filterOf({
    examples: ['assetType:"node"', 'label[team]:"web"+cluster!:"east"'],
    about: 'Filter language v2: assetType:"node"+provider!:"AWS"',
  }),
  currency: AnswerCurrency,
  sort: RowSort,
  limit: wholeNumberOr({ min: 1, max: ASSET_LIMIT_MAX, absent: LIMIT_DEFAULT }).describe('Rows of each set'),
  offset: PageOffset,
});
export type AssetQuery = z.infer<typeof AssetQuery>;

const AssetCost = z.object({
  cpu: amount.describe('Of nodes'),
  ram: amount,
  gpu: amount,
  other: amount.describe('Whatever is no CPU, RAM or GPU of a node'),
  adjustment: amount.describe('What of all these the source corrected later: a part of them'),
  total: amount,
});

const part = z.number().describe('0 to 1');
const Breakdown = z.object({
  idle: part.describe('What no pod used'),
  system: part.describe('What pods of kube-system used'),
  user: part.describe('What all other pods used'),
});

const AssetNode = z
  .object({
    cpu_core_hours: z.number().describe('Offered'),
    ram_byte_hours: z.number(),
    gpu_hours: z.number(),
    cpu: Breakdown.nullable().describe('null where the size of the node is not known'),
    ram: Breakdown.nullable(),
    spot: part.describe('Of the time'),
    discount: part.describe('Off the price of CPU and RAM; the costs are after it'),
  })
  .describe('Of nodes alone');

const AssetDisk = z
  .object({ byte_hours: z.number(), mounted_byte_hours: z.number().describe('While a pod had it mounted') })
  .describe('Of disks alone');

export const Asset = z.object({
  name: z.string().describe('The values of the keys with slashes, __undefined__ for what has none; all without keys'),
  keys: z.record(z.string(), z.string()).describe('Each key that was asked for, and its value'),
  assets: z.int().describe('How many it is'),
  properties: z
    .record(z.string(), z.string())
    .describe('What is known of it, or what all of them have in common: type, category, provider, cluster, name, …'),
  labels: z.record(z.string(), z.string()).describe('Of a single node'),
  start: z.string().describe('From when to when it was there, within the window'),
  end: z.string(),
  minutes: z.number(),
  node: AssetNode.nullable(),
  disk: AssetDisk.nullable(),
  cost: AssetCost,
});
export type Asset = z.infer<typeof Asset>;

export const AssetAnswer = z.object({
  start: z.string(),
  end: z.string(),
  currency: z.string(),
  aggregate: z.array(z.string()),
  coverage: Coverage,
  total: AssetCost,
  pagination: z.object({ limit: z.int(), offset: z.int() }),
  sets: z.array(
    z.object({
      start: z.string(),
      end: z.string(),
      total: AssetCost.describe('Of all its rows, whatever page was asked for'),
      rows: z.int().describe('How many there are'),
      assets: z.array(Asset),
    }),
  ),
});
export type AssetAnswer = z.infer<typeof AssetAnswer>;

const NOT_MODIFIED = { 304: 'Not changed since the answer of If-None-Match' } as const;

export const listAssets = defineRoute({
  method: 'GET',
  url: '/v1/assets',
  summary: 'What clusters are paid for: nodes, disks, load balancers, traffic, management; the last 7 days, one by one',
  scope: 'read',
  query: AssetQuery,
  reply: AssetAnswer,
  otherStatuses: NOT_MODIFIED,
});

export const assetsCsv = defineRoute({
  method: 'GET',
  url: '/v1/assets.csv',
  summary: 'The same rows as CSV, one line each',
  scope: 'read',
  query: AssetQuery,
  reply: z.string(),
  produces: 'text/csv; charset=utf-8',
  otherStatuses: NOT_MODIFIED,
});
