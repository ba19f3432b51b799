import { z } from 'zod';
import { defineRoute } from './route.ts';

/** What became of a post's rows. `accepted` and what follows are there only when some row was refused. */
const Outcome = z.object({
  accepted: z.int().min(0).optional().describe('Rows taken'),
  rejected_count: z.int().min(1).optional(),
  rejected: z
    .array(z.object({ row: z.int().min(0), field: z.string(), message: z.string() }))
    .optional()
    .describe('The first refused rows'),
  warnings: z.array(z.string()).optional(),
});

const amount = z.union([z.number().min(0), z.string()]).nullish();
const labels = z.record(z.string(), z.string()).nullish();
const resources = {
  cpu_usage_millicores: amount,
  memory_usage_bytes: amount,
  cpu_request_millicores: amount,
  memory_request_bytes: amount,
  cpu_limit_millicores: amount,
  memory_limit_bytes: amount,
  gpu_usage: amount.describe('GPUs: 0.5 is one that is half busy'),
  gpu_request: amount.describe('GPUs'),
};

const AgentPost = z.looseObject({
  cluster_name: z.string().nullish(),
  timestamp: z.number().nullish().describe('Seconds since the epoch; 0 or absent is now'),
  pod_metrics: z
    .array(
      z.looseObject({
        pod_name: z.string(),
        namespace: z.string(),
        node_name: z.string(),
        ...resources,
        labels,
        phase: z.string().nullish(),
        containers: z.array(z.looseObject({ container_name: z.string(), ...resources })).nullish(),
      }),
    )
    .nullish(),
  node_metrics: z
    .array(
      z.looseObject({
        node_name: z.string(),
        instance_type: z.string().nullish(),
        cpu_capacity: amount.describe('Millicores'),
        memory_capacity: amount.describe('Bytes'),
        gpu_capacity: amount.describe('GPUs'),
        hourly_cost_usd: amount,
      }),
    )
    .nullish(),
});

const CollectorPost = z.looseObject({
  timestamp: z.iso.datetime({ offset: true }),
  node_name: z.string(),
  hostname: z.string(),
  ec2_instance_id: z.string().nullish(),
  cluster_name: z.string().nullish(),
  pods: z.array(
    z.looseObject({
      pod_id: z.string(),
      namespace: z.string(),
      name: z.string(),
      cpu_usage_cores: amount,
      memory_usage_bytes: amount,
      net_tx_bytes: amount,
      net_rx_bytes: amount,
      pod_start_time: z.string().nullish(),
    }),
  ),
});

export const IngestReply = Outcome.extend({ status: z.literal('accepted') });
export type IngestReply = z.infer<typeof IngestReply>;

export const postAgentMetrics = defineRoute({
  method: 'POST',
  url: '/v1/ingest',
  summary: 'A cluster agent’s report of one cluster at one instant; durable once answered',
  scope: 'ingest',
  status: 202,
  sourceBody: AgentPost,
  reply: IngestReply,
});

export const CollectorReply = Outcome.extend({ status: z.literal('ok') });
export type CollectorReply = z.infer<typeof CollectorReply>;

export const postCollectorMetrics = defineRoute({
  method: 'POST',
  url: '/metrics',
  summary: 'A node collector’s report of one node at one instant; durable once answered',
  scope: 'ingest',
  sourceBody: CollectorPost,
  reply: CollectorReply,
});
