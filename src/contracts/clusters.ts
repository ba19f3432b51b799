import { z } from 'zod';
import { Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

export const Cluster = z.object({
  cluster_id: Uuid,
  cluster_name: z.string(),
  external_id: z.string().nullable().describe('What its own operator calls it, where a source has said'),
  created_at: z.string(),
  last_seen_at: z.string().nullable().describe('When it last reported; known to the minute'),
});
export type Cluster = z.infer<typeof Cluster>;

export const listClusters = defineRoute({
  method: 'GET',
  url: '/v1/clusters',
  summary: 'The tenant’s clusters, by name',
  scope: 'read',
  reply: z.object({ clusters: z.array(Cluster) }),
});
