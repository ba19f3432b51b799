import { z } from 'zod';
import { httpUrl, whole } from './fields.ts';

/** What a cost ledger is made of, as its exporters name it. */
const KEPT_METRICS: readonly string[] = [
  'up',
  // cAdvisor
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'container_memory_usage_bytes',
  'container_network_(receive|transmit)_bytes_total',
  'container_start_time_seconds',
  // the kubelet's own
  'kubelet_volume_stats_(used|capacity)_bytes',
  // kube-state-metrics
  'kube_pod_(info|owner|labels|annotations|status_phase|start_time|completion_time)',
  'kube_pod_container_(info|status_running)',
  'kube_pod_container_resource_(requests|limits)(_cpu_cores|_memory_bytes)?',
  'kube_pod_spec_volumes_persistentvolumeclaims_info',
  'kube_(replicaset|job)_owner',
  'kube_namespace_(labels|annotations)',
  'kube_node_(info|labels)',
  'kube_node_status_(capacity|allocatable)(_cpu_cores|_memory_bytes)?',
  'kube_persistentvolume_(info|capacity_bytes)',
  'kube_persistentvolumeclaim_(info|resource_requests_storage_bytes)',
  'kube_service_(info|spec_type|status_load_balancer_ingress)',
  // OpenCost's prices, and what it makes of the rest
  'node_(cpu|ram|gpu|total)_hourly_cost',
  'node_gpu_count',
  'pv_hourly_cost',
  'kubecost_(node_is_spot|load_balancer_cost|cluster_management_cost|cluster_info|pv_info)',
  'kubecost_network_(zone|region|internet)_egress_cost',
  'service_selector_labels',
  'container_(cpu|memory|gpu)_allocation(_bytes)?',
  'pod_pvc_allocation',
  // Kubecost's network-costs, and NVIDIA's DCGM exporter
  'kubecost_pod_network_egress_bytes_total',
  'DCGM_FI_(PROF_GR_ENGINE_ACTIVE|DEV_GPU_UTIL)',
];

const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'expected the name of a label');

export const RemoteWrite = z.strictObject({
  keep: z
    .array(z.string().min(1).max(1_000).refine(isPattern, 'expected a regular expression'))
    .min(1)
    .max(1_000)
    .default([...KEPT_METRICS])
    .describe(
      'Metrics that are kept, by name or by a regular expression that must match the whole name. All others are counted and dropped.',
    ),
  clusterLabels: z
    .array(labelName)
    .max(10)
    .default(['cluster', 'cluster_id', 'cluster_name'])
    .describe('Labels that may name the cluster; the first that a series has is taken.'),
  replicaLabels: z
    .array(labelName)
    .max(10)
    .default(['prometheus_replica', '__replica__', 'replica'])
    .describe('Labels that tell two Prometheus of one pair apart. They are left out, so that a pair counts once.'),
  forward: z
    .strictObject({
      url: httpUrl()
        .optional()
        .describe(
          'Where POST /storage/api/v2/write passes bodies on to, untouched, once they are durable here: the remote-write address of a Thanos Receive.',
        ),
      timeoutMs: whole(100, 300_000, 10_000).describe('Longest time for its answer.'),
      concurrentMax: whole(1, 1_000, 32).describe('Bodies passed on at once; further ones get 503 and come again.'),
    })
    .prefault({}),
});

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== '';
  } catch {
    return false;
  }
}
