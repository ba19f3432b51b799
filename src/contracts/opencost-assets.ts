import { z } from 'zod';
import { defineRoute } from './route.ts';

/**
 * Assets of the OpenCost API, as its clients speak it: envelope, names and order of fields and the rounding to five decimals
 * are theirs. docs/compat/opencost.md says field by field what is the same.
 */
const words = z.string().max(8_192).optional();
const like = (...examples: string[]) => z.string().max(8_192).meta({ examples }).optional();

/** Whatever else is asked is ignored, as it is there. */
export const OpenCostAssetQuery = z.object({
  window: like('7d', 'today', '24h offset 1h', '2026-01-01T00:00:00Z,2026-01-08T00:00:00Z').describe(
    'Required: 7d, today, lastweek, 24h offset 1h, two RFC 3339 instants or two unix seconds',
  ),
  aggregate: like('type', 'cluster,label:team').describe('Keys with commas; each asset by itself when not given'),
  step: like('1d', '24h').describe('Length of each set; the window when not given'),
  accumulate: like('true', 'false', 'day').describe('true for one set, or hour, day, week, month, quarter'),
  filter: like('assetType:"node"', 'label[team]:"web"+cluster!:"east"'),
  filterTypes: like('node,disk'),
  filterCategories: like('Compute'),
  filterClusters: words,
  filterProviders: like('AWS'),
  filterProviderIDs: words,
  filterProjects: words,
  filterAccounts: words,
  filterServices: words,
  filterNames: words,
  filterLabels: like('team:web'),
  disableAdjustments: like('true', 'false').describe('Without what the source corrected later'),
  limit: like('100'),
  offset: like('0', '10'),
});
export type OpenCostAssetQuery = z.infer<typeof OpenCostAssetQuery>;

const amount = z.number().nullable();
const text = z.string().optional();

const Properties = z.object({
  category: text,
  provider: text,
  account: text,
  project: text,
  service: text,
  cluster: text,
  name: text,
  providerID: text,
});

const Breakdown = z.object({ idle: amount, other: amount, system: amount, user: amount });

/** Which of the optional members are there depends on the type; an asset of several types has no type. */
export const OpenCostAsset = z.object({
  type: z.string().optional(),
  properties: Properties,
  labels: z.record(z.string(), z.string()),
  window: z.object({ start: z.string(), end: z.string() }),
  start: z.string(),
  end: z.string(),
  minutes: amount,
  nodeType: text,
  pool: text,
  cpuCores: amount.optional(),
  ramBytes: amount.optional(),
  cpuCoreHours: amount.optional(),
  ramByteHours: amount.optional(),
  GPUHours: amount.optional(),
  cpuBreakdown: Breakdown.optional(),
  ramBreakdown: Breakdown.optional(),
  preemptible: amount.optional(),
  discount: amount.optional(),
  cpuCost: amount.optional(),
  gpuCost: amount.optional(),
  gpuCount: amount.optional(),
  ramCost: amount.optional(),
  byteHours: amount.optional(),
  bytes: amount.optional(),
  byteHoursUsed: z.null().optional(),
  byteUsageMax: z.null().optional(),
  breakdown: Breakdown.optional(),
  adjustment: amount.optional(),
  totalCost: amount,
  storageClass: text,
  volumeName: text,
  claimName: text,
  claimNamespace: text,
  private: z.boolean().optional(),
  ip: text,
});
export type OpenCostAsset = z.infer<typeof OpenCostAsset>;

const Set = z.record(z.string(), OpenCostAsset);

/** A refusal as OpenCost writes it. A key that is missing or wrong is refused before, as problem JSON. */
const Refusal = z.object({ code: z.int(), status: z.literal('error'), data: z.null(), message: z.string() });
const envelopeOf = <T extends z.ZodType>(data: T) =>
  z.union([
    z.object({ code: z.literal(200), status: z.literal('success'), data, warning: z.string().optional() }),
    Refusal,
  ]);

const otherStatuses = { 400: 'Refused, in their shape', 422: 'Too large an answer, in their shape' };

export const openCostAssets = defineRoute({
  method: 'GET',
  url: '/assets',
  summary: 'Assets in the words of the OpenCost API: one map; with a step or accumulate, a list of maps',
  scope: 'read',
  query: OpenCostAssetQuery,
  reply: envelopeOf(z.union([Set, z.array(Set)])),
  otherStatuses,
});

export const kubecostAssets = defineRoute({
  method: 'GET',
  url: '/model/assets',
  summary: 'Same as /assets, in Kubecost’s words: a list of maps, one for each day',
  scope: 'read',
  query: OpenCostAssetQuery,
  reply: envelopeOf(z.array(Set)),
  otherStatuses,
});
