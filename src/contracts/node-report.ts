import { z } from 'zod';
import { Coverage, LIMIT_DEFAULT, LIMIT_MAX } from './costs.ts';
import { wholeNumberOr } from './numbers.ts';
import { PageOffset } from './question.ts';
import { defineRoute } from './route.ts';

/** What subscriptions are counted by: whole cores, and the hours that they were there. */
const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true }).describe('RFC 3339 instant, e.g. 2026-01-31T00:00:00Z');
const GROUP_BY = /^(cluster|node_type|label:[^,]{1,317})(,(cluster|node_type|label:[^,]{1,317})){0,2}$/;

export const NodeReportQuery = z.strictObject({
  window: z
    .string()
    .max(100)
    .optional()
    .describe('7d, 24h, 2w, today, yesterday, or two dates or instants with a comma; 7d when nothing is given'),
  start_time: instant.optional(),
  end_time: instant.optional(),
  cluster: z.string().min(1).max(253).optional().describe('only this cluster, by name'),
  group_by: z
    .string()
    .regex(GROUP_BY, 'must be some of cluster, node_type and one label:<key>, with commas')
    .default('cluster,node_type')
    .describe('cluster, node_type, label:<key>, with commas; at most one label'),
  step: z
    .enum(['day', 'window'])
    .default('day')
    .describe('a row is a day of a group (UTC), or a group over the window'),
  limit: wholeNumberOr({ min: 1, max: LIMIT_MAX, absent: LIMIT_DEFAULT }),
  offset: PageOffset,
});
export type NodeReportQuery = z.infer<typeof NodeReportQuery>;

export const NodeGroup = z.object({
  date: z.string().nullable().describe('YYYY-MM-DD; null where a row is the whole window'),
  cluster_name: z.string().nullable().describe('null where it was not asked to group by it; so are the next two'),
  node_type: z.string().nullable(),
  label: z.string().nullable().describe('Value of the label; empty for nodes without it'),
  vcpu_hours: count.describe('Sum over the hours of the whole cores of the nodes that were there'),
  peak_vcpus: count.describe('Most whole cores in one hour'),
  peak_at: z.string().describe('The first hour that had them'),
  node_hours: count,
  peak_nodes: z.int(),
  node_count: z.int().describe('Distinct nodes'),
});
export type NodeGroup = z.infer<typeof NodeGroup>;

export const NodeReport = z.object({
  start_time: z.string(),
  end_time: z.string(),
  group_by: z.array(z.string()),
  step: z.enum(['day', 'window']),
  coverage: Coverage.describe('Hours in which any node of a cluster is known; a missing hour is never silently zero'),
  total: z.object({ vcpu_hours: count, node_hours: count }).describe('Of all rows, whatever page was asked for'),
  pagination: z.object({ total: z.int(), limit: z.int(), offset: z.int() }),
  nodes: z.array(NodeGroup),
});
export type NodeReport = z.infer<typeof NodeReport>;

export const nodeReport = defineRoute({
  method: 'GET',
  url: '/v1/reports/nodes',
  summary: 'vCPU-hours and peak vCPUs by cluster, node type and label: what subscriptions are counted by',
  scope: 'read',
  query: NodeReportQuery,
  reply: NodeReport,
});
