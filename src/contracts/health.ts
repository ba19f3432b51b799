import { z } from 'zod';
import { defineRoute } from './route.ts';

const OPEN = 'probes carry no key; it tells nothing of any tenant';

const Health = z.enum(['healthy', 'unhealthy']);
const Part = z.object({ engine: z.string(), status: Health });

/** The first five members are those of the K8s cost API: `timescaledb` is where costs are kept, whatever the engine. */
export const ServiceHealth = z.object({
  overall_status: Health,
  postgresql: Health,
  timescaledb: Health,
  redis: z.enum(['healthy', 'unhealthy', 'not_configured']),
  message: z.string().optional(),
  version: z.string(),
  columnar: Part,
  relational: Part,
  cache: Part,
  ledger: z.object({
    fresh_as_of: z
      .string()
      .nullable()
      .describe(
        'every sample acknowledged before this instant is in the answers; null where another replica computes them',
      ),
  }),
});
export type ServiceHealth = z.infer<typeof ServiceHealth>;

export const serviceHealth = defineRoute({
  method: 'GET',
  url: '/v1/health',
  summary: 'Health of the service and of the stores behind it',
  open: OPEN,
  otherStatuses: { 503: 'A store that is needed does not answer' },
  reply: ServiceHealth,
});

/** Which watches on a Kubernetes API have seen their objects; none where this replica has none. Posts are taken whatever they do. */
export const CollectorHealth = z.object({
  status: Health,
  debug_k8s_api: z.boolean(),
  watchers_initialized: z.object({ nodes: z.boolean(), pods: z.boolean(), pvcs: z.boolean(), pvs: z.boolean() }),
  all_watchers_ready: z.boolean(),
});
export type CollectorHealth = z.infer<typeof CollectorHealth>;

export const collectorHealth = defineRoute({
  method: 'GET',
  url: '/health',
  summary: 'Health as node collectors ask for it: whether posts can be taken',
  open: OPEN,
  otherStatuses: { 503: 'Posts cannot be taken now, or a watch has been down for ten minutes' },
  reply: CollectorHealth,
});

export const liveness = defineRoute({
  method: 'GET',
  url: '/livez',
  summary: 'Whether the process answers at all',
  open: OPEN,
  reply: z.object({ status: z.literal('live') }),
});

export const readiness = defineRoute({
  method: 'GET',
  url: '/readyz',
  summary: 'Whether requests should be sent here now',
  open: OPEN,
  otherStatuses: { 503: 'Starting, stopping, or without a store that is needed' },
  reply: z.object({ status: z.enum(['ready', 'not_ready']), message: z.string().optional() }),
});
