import { z } from 'zod';
import { Instant, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

export const SourceState = z.object({
  source: z.string(),
  counted: z.boolean().describe('Whether the cluster’s newest hour is counted from it'),
  since: z.string().nullable().describe('When it first delivered'),
  last_seen: z.string().nullable().describe('When it last delivered; known to the minute'),
  newest_at: z
    .string()
    .nullable()
    .describe('The newest instant that it told of; else the start of the newest hour that it reported'),
  lag_seconds: z.number().min(0).nullable().describe('Now minus newest_at'),
  coverage_24h: z.number().min(0).max(1).describe('Covered time ÷ the last 24 whole hours and the open one'),
  coverage_7d: z.number().min(0).max(1),
  hours_reported: z.number().describe('Hours of the asked window that it covered'),
  hours_counted: z.int().describe('Hours of the asked window whose costs are from it'),
  rows_taken: z.int(),
  rows_refused: z.int(),
  refused_reasons: z
    .array(z.object({ reason: z.string(), count: z.int(), last_at: z.string() }))
    .describe('The latest reasons, at most 20'),
});
export type SourceState = z.infer<typeof SourceState>;

export const ClusterSources = z.object({
  cluster_id: Uuid,
  cluster_name: z.string(),
  hours_asked: z.number().describe('Hours of the asked window that have passed'),
  counted: z
    .object({
      source: z.string(),
      hour: z.string().describe('The newest hour that is in the ledger'),
      reason: z
        .enum(['only', 'first', 'covered_more'])
        .describe('It alone reported; it is the first in the order; or those before it covered too little'),
      passed_over: z.array(z.string()).describe('Sources before it in the order that covered too little of that hour'),
      why: z.string().describe('The same for people'),
    })
    .nullable()
    .describe('null while the ledger has no hour of the cluster'),
  sources: z.array(SourceState),
});
export type ClusterSources = z.infer<typeof ClusterSources>;

export const Sources = z.object({
  start_time: z.string(),
  end_time: z.string(),
  order: z.array(z.string()).describe('From the richest source to the poorest (rollup.sourceOrder)'),
  covered_enough: z
    .number()
    .describe('A source counts before those after it where it covered this share of what the best one did'),
  clusters: z.array(ClusterSources),
});
export type Sources = z.infer<typeof Sources>;

export const listSources = defineRoute({
  method: 'GET',
  url: '/v1/sources',
  summary: 'Which sources report each cluster, how well, what was refused, and which one is counted',
  scope: 'read',
  query: z.strictObject({
    start_time: Instant.optional(),
    end_time: Instant.optional(),
    cluster: z.string().min(1).max(253).optional().describe('only this cluster, by name'),
  }),
  reply: Sources,
});
