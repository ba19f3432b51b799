import { z } from 'zod';
import { IngestReply } from './ingest.ts';
import { defineRoute } from './route.ts';

/**
 * Samples in our own words: what our watches and collectors send, and what anybody may send who has no wire of their own.
 * The fields are those of core/samples.ts; what is not known is left out.
 */

const name = z.string().max(253);
const labels = z.record(z.string(), z.string()).optional();
const nanocores = z.int().min(0).nullish().describe('Nanocores: 250000000 is a quarter of a core');
const nanoGpus = z.int().min(0).nullish().describe('Nano-GPUs: 500000000 is half of a GPU');
const bytes = z.int().min(0).nullish();
const sentTo = bytes.describe('Of the bytes sent, those that went there: a counter; tell all three of them or none');
const at = z.int().meta({ format: 'unix-ms' }).describe('When this was seen, milliseconds since the epoch');
const hourlyCost = z.string().nullish().describe('US dollars per hour, exact decimal text');

const ContainerRow = z.looseObject({
  at_ms: at,
  node: name.optional(),
  namespace: name,
  pod: name,
  pod_uid: name.optional(),
  container: name.optional().describe('Left out for a whole pod'),
  controller_kind: name.optional(),
  controller: name.optional(),
  phase: name.optional().describe('Pod phase; only Running and unknown are charged'),
  cpu_usage_nanocores: nanocores,
  cpu_request_nanocores: nanocores,
  cpu_limit_nanocores: nanocores,
  memory_usage_bytes: bytes,
  memory_request_bytes: bytes,
  memory_limit_bytes: bytes,
  gpu_usage_nanogpus: nanoGpus,
  gpu_request_nanogpus: nanoGpus,
  network_received_bytes: bytes.describe('Counter since the pod’s network came up'),
  network_sent_bytes: bytes.describe('Counter since the pod’s network came up'),
  network_zone_sent_bytes: sentTo,
  network_region_sent_bytes: sentTo,
  network_internet_sent_bytes: sentTo,
  started_at_ms: z.int().nullish(),
  ended_at_ms: z.int().nullish(),
  labels,
  annotations: labels,
});

const NodeRow = z.looseObject({
  at_ms: at,
  node: name,
  provider_id: z.string().max(1_024).optional(),
  instance_type: name.optional(),
  region: name.optional(),
  zone: name.optional(),
  spot: z.boolean().optional(),
  cpu_capacity_nanocores: nanocores,
  memory_capacity_bytes: bytes,
  gpu_capacity_nanogpus: nanoGpus,
  hourly_cost_usd: hourlyCost,
  labels,
});

const VolumeRow = z.looseObject({
  at_ms: at,
  namespace: name,
  claim: name,
  volume: name.optional(),
  storage_class: name.optional(),
  provider_id: z.string().max(1_024).optional(),
  capacity_bytes: bytes,
  request_bytes: bytes,
  usage_bytes: bytes,
  pods: z.array(name).optional().describe('Pods of the namespace that mount it'),
  labels,
});

const BalancerRow = z.looseObject({
  at_ms: at,
  namespace: name,
  service: name,
  ingress: name.optional(),
  hourly_cost_usd: hourlyCost,
});

const NamespaceRow = z.looseObject({
  at_ms: at,
  namespace: name,
  labels,
  annotations: labels,
});

const ServiceRow = z.looseObject({
  at_ms: at,
  namespace: name,
  service: name,
  selector: labels.describe('Labels of the pods that it stands before; left out where it chooses none by labels'),
});

export const SamplesPost = z.looseObject({
  source: z.enum(['kubernetes', 'collector']).describe('Who saw this'),
  cluster_name: z.string().nullish(),
  containers: z.array(ContainerRow).optional(),
  nodes: z.array(NodeRow).optional(),
  volumes: z.array(VolumeRow).optional(),
  balancers: z.array(BalancerRow).optional(),
  namespaces: z.array(NamespaceRow).optional().describe('What they say of themselves; kept once a day'),
  services: z.array(ServiceRow).optional().describe('Kept once a day'),
});
export type SamplesPost = z.input<typeof SamplesPost>;

export const postSamples = defineRoute({
  method: 'POST',
  url: '/v1/samples',
  summary: 'Samples of one cluster in Kubetally’s own words, of any instants; durable once answered',
  scope: 'ingest',
  status: 202,
  sourceBody: SamplesPost,
  reply: IngestReply,
});
