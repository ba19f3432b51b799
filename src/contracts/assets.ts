import { z } from 'zod';
import { Coverage } from './costs.ts';
import { AnswerCurrency } from './fields.ts';
import { defineRoute } from './route.ts';

/** Rows of one page of a set. */
export const ASSET_LIMIT_MAX = 50_000;
const LIMIT_DEFAULT = 1_000;
const LIST_CHARS_MAX = 4_096;

/** What every asset question may ask; see docs/assets.md. */
export const AssetQuery = z.strictObject({
  window: z
    .string()
    .max(100)
    .default('7d')
    .meta({ examples: ['7d', 'today', '2026-01-01,2026-01-08'] })
    .describe('7d, 24h, today, lastmonth, 24h offset 1h, or two instants, dates or unix seconds with a comma'),
  zone: z
    .string()
    .max(64)
    .default('UTC')
    .meta({ examples: ['UTC', 'Europe/Berlin'] })
    .describe('Time zone of days, weeks and months, e.g. Europe/Berlin'),
  step: z
    .string()
    .max(20)
    .meta({ examples: ['1d'] })
    .optional()
    .describe('Cut the window into sets of so many hours or days: 1h, 24h, 7d'),
  accumulate: z
    .string()
    .max(20)
    .meta({ examples: ['month'] })
    .optional()
    .describe('Cut it by the calendar instead: hour, day, week, month, quarter'),
  aggregate: z
    .string()
    .max(LIST_CHARS_MAX)
    .default('')
    .meta({ examples: ['type', 'cluster,label:team', 'all'] })
    .describe('Keys with commas: type, category, cluster, provider, name, pool, label:<name>, …; all; or each asset'),
  filter: z
    .string()
    .max(8_192)
    .default('')
    .meta({ examples: ['assetType:"node"', 'label[team]:"web"+cluster!:"east"'] })
    .describe('Filter language v2: assetType:"node"+provider!:"AWS"'),
  currency: AnswerCurrency,
  sort: z.enum(['cost', 'name']).default('cost').describe('Within a set: dearest first, or by name'),
  limit: z.coerce.number().int().min(1).max(ASSET_LIMIT_MAX).default(LIMIT_DEFAULT).describe('Rows of each set'),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});
export type AssetQuery = z.infer<typeof AssetQuery>;

const amount = z
  .string()
  .regex(/^-?\d+(\.\d{1,12})?$/)
  .describe('exact decimal amount in the currency of the answer');

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
  name: z.string().describe('The values of the keys with slashes; __undefined__ for what has none'),
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

export const listAssets = defineRoute({
  method: 'GET',
  url: '/v1/assets',
  summary: 'What clusters are paid for: nodes, disks, load balancers, traffic, management; the last 7 days, one by one',
  scope: 'read',
  query: AssetQuery,
  reply: AssetAnswer,
});

export const assetsCsv = defineRoute({
  method: 'GET',
  url: '/v1/assets.csv',
  summary: 'The same rows as CSV, one line each',
  scope: 'read',
  query: AssetQuery,
  reply: z.string(),
  produces: 'text/csv; charset=utf-8',
});
