import { z } from 'zod';
import { defineRoute } from './route.ts';

/**
 * Daily nodes and pods, as clients of the Cost Metrics Aggregator know them: their parameters, keys and words. A refusal
 * says what they expect in `error`. With `Accept: text/csv` the same page comes as CSV.
 */
const date = z.string().optional().describe('YYYY-MM-DD, UTC');

const DailyQuery = z.object({
  start_date: date.describe('YYYY-MM-DD, UTC; the first of this month when not given'),
  end_date: date.describe('YYYY-MM-DD, UTC, that day included; today when not given'),
  cluster_id: z.string().optional().describe('Exactly this cluster: the id that its operator gives, or ours'),
  cluster_name: z.string().optional(),
  limit: z.string().optional().describe('1 to 1000; 100 when not given'),
  offset: z.string().optional(),
});

const Metadata = z.object({ total: z.int(), limit: z.int(), offset: z.int() });
const csv = z.string().describe('The page as CSV, with Accept: text/csv');
const day = z.string().describe('Start of the day, UTC: 2026-05-17T00:00:00Z');

export const NodeDay = z.object({
  Date: day,
  ClusterID: z.string(),
  ClusterName: z.string(),
  NodeName: z.string(),
  NodeIdentifier: z.string(),
  NodeType: z.string(),
  CoreCount: z.int().describe('Whole cores'),
  TotalHours: z.int().min(1).max(24),
});
export type NodeDay = z.infer<typeof NodeDay>;

export const PodDay = z.object({
  Date: day,
  MaxCoresUsed: z.number().describe('The greatest share of its node that it used in an hour: a fraction, not cores'),
  TotalPodEffectiveCoreSeconds: z.number().describe('Sum over the hours of max(usage, request)'),
  TotalHours: z.int().min(1).max(24),
  ClusterID: z.string(),
  ClusterName: z.string(),
  PodName: z.string(),
  Namespace: z.string(),
  Component: z.string(),
});
export type PodDay = z.infer<typeof PodDay>;

const nodeDays = {
  method: 'GET',
  scope: 'read',
  query: DailyQuery.extend({ node_type: z.string().optional().describe('Exactly this type: worker, master …') }),
  reply: z.union([z.object({ metadata: Metadata, data: z.array(NodeDay).nullable() }), csv]),
} as const;

export const nodeMetrics = defineRoute({
  ...nodeDays,
  url: '/api/metrics/v1/nodes',
  summary: 'Cores of nodes by day, and for how many hours each had them',
});

/** A spelling that was published once. */
export const ndoeMetrics = defineRoute({
  ...nodeDays,
  url: '/api/metrics/v1/ndoes',
  summary: 'The same as /api/metrics/v1/nodes',
});

export const podMetrics = defineRoute({
  method: 'GET',
  url: '/api/metrics/v1/pods',
  summary: 'What labelled pods used of their nodes, by day (uploads.podLabelKeys says which labels)',
  scope: 'read',
  query: DailyQuery.extend({
    namespace: z.string().optional().describe('Part of it, in any case; so are the two below and cluster_name'),
    pod_name: z.string().optional(),
    component: z.string().optional(),
  }),
  reply: z.union([z.object({ metadata: Metadata, data: z.array(PodDay).nullable() }), csv]),
});
