import { z } from 'zod';
import { defineRoute } from './route.ts';

/**
 * The OpenCost API, as its clients speak it: envelope, names and order of fields, special keys and rounding are theirs.
 * docs/compat/opencost.md says parameter by parameter what is the same. Costs are rounded to five decimals here; the
 * native API gives them exactly.
 */
const words = z.string().max(8_192).optional();
/** With examples of what is read. */
const like = (...examples: string[]) => z.string().max(8_192).meta({ examples }).optional();
const flag = like('true', 'false');

/** Whatever else is asked is ignored, as it is there. */
export const OpenCostQuery = z.object({
  window: like('7d', 'today', '24h offset 1h', '2026-01-01T00:00:00Z,2026-01-08T00:00:00Z').describe(
    'Required: 7d, today, lastweek, 24h offset 1h, two RFC 3339 instants or two unix seconds',
  ),
  aggregate: like('namespace', 'cluster,label:app', 'controller', 'all').describe(
    'Keys with commas; cluster/node/namespace/pod/container when not given',
  ),
  step: like('1d', '24h').describe('Length of each set; the window when not given'),
  accumulate: like('true', 'false', 'day').describe('true for one set, or hour, day, week, month, quarter'),
  accumulateBy: like('day', 'week'),
  includeIdle: flag.describe('OpenCost’s word for idle; false when not given'),
  idle: flag.describe('Kubecost’s word for includeIdle; true under /model when not given'),
  idleByNode: flag,
  splitIdle: flag,
  shareIdle: like('true', 'weighted', 'even'),
  shareNamespaces: words,
  shareLabels: like('app:ingress'),
  shareCost: like('730', '30.42'),
  shareSplit: like('weighted', 'even'),
  sharelb: flag.describe('Load balancers as a shared cost'),
  shareTenancyCosts: flag.describe('Fees for managing clusters, as a shared cost; they are left out when not given'),
  includeSharedCostBreakdown: flag.describe('What each shared cost is made of; true under /model when not given'),
  includeProportionalAssetResourceCosts: flag.describe('Which part of its clusters, or nodes, each row is'),
  includeAggregatedMetadata: flag.describe('Labels and annotations that all of a row have in common'),
  filter: like('namespace:"shop"', 'label[app]:"web"+cluster!:"east"'),
  filterClusters: words,
  filterNodes: words,
  filterNamespaces: words,
  filterControllerKinds: words,
  filterControllers: like('deployment:web', 'web*'),
  filterPods: words,
  filterContainers: words,
  filterDepartments: words,
  filterEnvironments: words,
  filterOwners: words,
  filterProducts: words,
  filterTeams: words,
  filterAnnotations: like('team:a'),
  filterLabels: like('app:web'),
  filterServices: words,
  costMetric: like('cumulative', 'hourly', 'daily', 'monthly').describe('cumulative, hourly, daily or monthly'),
  format: like('json', 'csv').describe('csv has the columns of OpenCost’s export'),
  limit: like('100'),
  offset: like('0', '10'),
});
export type OpenCostQuery = z.infer<typeof OpenCostQuery>;

const amount = z.number().nullable();

const Shown = { start: z.string(), end: z.string() };
const Window = z.object(Shown);

const texts = z.record(z.string(), z.string());

/** By `cluster=<cluster>:name=<volume>`. */
const VolumeShare = z.object({
  byteHours: amount,
  cost: amount,
  providerID: z.string(),
  adjustment: amount,
});

/** By `<cluster>/<namespace>/<service>`. */
const BalancerShare = z.object({
  service: z.string(),
  cost: amount,
  private: z.boolean(),
  ip: z.string(),
  hours: amount,
  adjustment: amount,
});

/** Which part of a cluster's, or node's, cost a row is: from 0 to 1. */
const AssetPart = z.object({
  cluster: z.string(),
  name: z.string().optional(),
  type: z.string().optional(),
  providerID: z.string().optional(),
  cpuPercentage: amount,
  gpuPercentage: amount,
  ramPercentage: amount,
  loadBalancerPercentage: amount,
  pvPercentage: amount,
  nodeResourceCostPercentage: amount,
});

const SharedCost = z.object({
  name: z.string(),
  totalCost: amount,
  cpuCost: amount,
  gpuCost: amount,
  ramCost: amount,
  pvCost: amount,
  networkCost: amount,
  loadBalancerCost: amount,
  externalCost: amount,
});

export const OpenCostAllocation = z.object({
  name: z.string(),
  properties: z.object({
    cluster: z.string().optional(),
    node: z.string().optional(),
    container: z.string().optional(),
    controller: z.string().optional(),
    controllerKind: z.string().optional(),
    namespace: z.string().optional(),
    pod: z.string().optional(),
    services: z.array(z.string()).optional(),
    providerID: z.string().optional(),
    labels: texts.optional(),
    annotations: texts.optional(),
    namespaceLabels: texts.optional(),
    namespaceAnnotations: texts.optional(),
  }),
  window: Window,
  ...Shown,
  minutes: amount,
  cpuCores: amount,
  cpuCoreRequestAverage: amount,
  cpuCoreUsageAverage: amount,
  cpuCoreHours: amount,
  cpuCost: amount,
  cpuCostAdjustment: amount,
  cpuCostIdle: amount,
  cpuEfficiency: amount,
  gpuCount: amount,
  gpuRequestAverage: amount,
  gpuUsageAverage: amount,
  gpuHours: amount,
  gpuCost: amount,
  gpuCostAdjustment: amount,
  gpuCostIdle: amount,
  gpuEfficiency: amount,
  networkTransferBytes: amount,
  networkReceiveBytes: amount,
  networkCost: amount,
  networkCrossZoneCost: amount,
  networkCrossRegionCost: amount,
  networkInternetCost: amount,
  networkCostAdjustment: amount,
  loadBalancerCost: amount,
  loadBalancerCostAdjustment: amount,
  pvBytes: amount,
  pvByteHours: amount,
  pvCost: amount,
  pvs: z.record(z.string(), VolumeShare).nullable(),
  pvCostAdjustment: amount,
  ramBytes: amount,
  ramByteRequestAverage: amount,
  ramByteUsageAverage: amount,
  ramByteHours: amount,
  ramCost: amount,
  ramCostAdjustment: amount,
  ramCostIdle: amount,
  ramEfficiency: amount,
  externalCost: amount,
  sharedCost: amount,
  totalCost: amount,
  totalEfficiency: amount,
  rawAllocationOnly: z.object({ cpuCoreUsageMax: amount, ramByteUsageMax: amount }).optional(),
  proportionalAssetResourceCosts: z.record(z.string(), AssetPart).optional(),
  lbAllocations: z.record(z.string(), BalancerShare).nullable(),
  sharedCostBreakdown: z.record(z.string(), SharedCost).optional(),
});
export type OpenCostAllocation = z.infer<typeof OpenCostAllocation>;

export const SummaryAllocation = z.object({
  name: z.string(),
  ...Shown,
  cpuCoreRequestAverage: amount,
  cpuCoreUsageAverage: amount,
  cpuCost: amount,
  cpuCostIdle: amount,
  gpuRequestAverage: amount,
  gpuUsageAverage: amount,
  gpuCost: amount,
  gpuCostIdle: amount,
  networkCost: amount,
  loadBalancerCost: amount,
  pvCost: amount,
  ramByteRequestAverage: amount,
  ramByteUsageAverage: amount,
  ramCost: amount,
  ramCostIdle: amount,
  sharedCost: amount,
  externalCost: amount,
  totalEfficiency: amount,
  totalCost: amount,
});
export type SummaryAllocation = z.infer<typeof SummaryAllocation>;

/** A refusal as OpenCost writes it. A key that is missing or wrong is refused before, as problem JSON. */
const Refusal = z.object({ code: z.int(), status: z.literal('error'), data: z.null(), message: z.string() });
const envelopeOf = <T extends z.ZodType>(data: T) =>
  z.union([
    z.object({ code: z.literal(200), status: z.literal('success'), data, warning: z.string().optional() }),
    Refusal,
  ]);

export const OpenCostAllocations = envelopeOf(z.array(z.record(z.string(), OpenCostAllocation)));
export type OpenCostAllocations = z.infer<typeof OpenCostAllocations>;

export const OpenCostSummary = envelopeOf(
  z.object({
    step: z.number().describe('nanoseconds'),
    sets: z.array(z.object({ allocations: z.record(z.string(), SummaryAllocation), window: Window })),
    window: Window,
  }),
);
export type OpenCostSummary = z.infer<typeof OpenCostSummary>;

const otherStatuses = { 400: 'Refused, in their shape', 422: 'Too large an answer, in their shape' };

const allocationRoute = <const U extends string>(url: U, summary: string) =>
  defineRoute({
    method: 'GET',
    url,
    summary,
    scope: 'read',
    query: OpenCostQuery,
    reply: OpenCostAllocations,
    alsoProduces: ['text/csv'],
    otherStatuses,
  });

const summaryRoute = <const U extends string>(url: U, summary: string) =>
  defineRoute({
    method: 'GET',
    url,
    summary,
    scope: 'read',
    query: OpenCostQuery,
    reply: OpenCostSummary,
    otherStatuses,
  });

export const OPENCOST_ALLOCATIONS = [
  allocationRoute('/allocation', 'Allocations in the words of the OpenCost API'),
  allocationRoute('/allocation/compute', 'Same as /allocation'),
  allocationRoute('/model/allocation', 'Same as /allocation, with Kubecost’s defaults: idle, and a set for each day'),
  allocationRoute('/model/allocation/compute', 'Same as /allocation/compute'),
] as const;

export const OPENCOST_SUMMARIES = [
  summaryRoute('/allocation/summary', 'Allocations of the OpenCost API, fewer fields of each'),
  summaryRoute('/allocation/compute/summary', 'Same as /allocation/summary'),
  summaryRoute('/model/allocation/summary', 'Same as /allocation/summary, with Kubecost’s defaults'),
  summaryRoute('/model/allocation/compute/summary', 'Same as /allocation/compute/summary'),
] as const;

const healthRoute = <const U extends string>(url: U, summary: string) =>
  defineRoute({
    method: 'GET',
    url,
    summary,
    open: 'it is for probes, which have no keys, and tells nothing',
    reply: z.object({}),
  });

export const OPENCOST_HEALTH = [
  healthRoute('/healthz', 'Whether the process answers, where OpenCost’s clients look for it'),
  healthRoute('/model/healthz', 'Same as /healthz'),
] as const;
