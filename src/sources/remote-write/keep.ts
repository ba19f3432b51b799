/**
 * Which metrics a cost ledger needs; all others are counted and dropped before their labels are looked at. Each rule is
 * the whole name of a metric, or a regular expression that must match the whole of it.
 */
export const KEEP_DEFAULT: readonly string[] = [
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
  // OpenCost's prices and what it makes of the rest
  'node_(cpu|ram|gpu|total)_hourly_cost',
  'node_gpu_count',
  'pv_hourly_cost',
  'kubecost_(node_is_spot|load_balancer_cost|cluster_management_cost|cluster_info|pv_info)',
  'kubecost_network_(zone|region|internet)_egress_cost',
  'container_(cpu|memory|gpu)_allocation(_bytes)?',
  'pod_pvc_allocation',
  // NVIDIA's exporter
  'DCGM_FI_DEV_GPU_UTIL',
];

export type KeepRule = (metric: string) => boolean;

/** Throws `SyntaxError` where a rule is no regular expression; the settings are checked before. */
export function createKeepRule(rules: readonly string[] = KEEP_DEFAULT): KeepRule {
  const whole = new RegExp(`^(?:${rules.map((rule) => `(?:${rule})`).join('|')})$`);
  return (metric) => whole.test(metric);
}
