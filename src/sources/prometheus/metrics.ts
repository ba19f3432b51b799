/**
 * The metrics that a cost ledger needs, by name: what is asked of a Prometheus. Their rates are learnt one by one, so they
 * are listed and not matched; `remoteWrite.keep` keeps the same of what is pushed.
 */

/** Also there for slices of the machine that belong to no pod; those are not asked for. */
export const CADVISOR_METRICS: readonly string[] = [
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'container_memory_usage_bytes',
  'container_network_receive_bytes_total',
  'container_network_transmit_bytes_total',
  'container_start_time_seconds',
];

export const OTHER_METRICS: readonly string[] = [
  'up',
  'kubelet_volume_stats_used_bytes',
  'kubelet_volume_stats_capacity_bytes',
  // kube-state-metrics
  'kube_pod_info',
  'kube_pod_owner',
  'kube_pod_labels',
  'kube_pod_annotations',
  'kube_pod_status_phase',
  'kube_pod_start_time',
  'kube_pod_completion_time',
  'kube_pod_container_info',
  'kube_pod_container_status_running',
  ...['requests', 'limits'].flatMap((kind) =>
    ['', '_cpu_cores', '_memory_bytes'].map((suffix) => `kube_pod_container_resource_${kind}${suffix}`),
  ),
  'kube_pod_spec_volumes_persistentvolumeclaims_info',
  'kube_replicaset_owner',
  'kube_job_owner',
  'kube_namespace_labels',
  'kube_namespace_annotations',
  'kube_node_info',
  'kube_node_labels',
  ...['capacity', 'allocatable'].flatMap((kind) =>
    ['', '_cpu_cores', '_memory_bytes'].map((suffix) => `kube_node_status_${kind}${suffix}`),
  ),
  'kube_persistentvolume_info',
  'kube_persistentvolume_capacity_bytes',
  'kube_persistentvolumeclaim_info',
  'kube_persistentvolumeclaim_resource_requests_storage_bytes',
  'kube_service_info',
  'kube_service_spec_type',
  'kube_service_status_load_balancer_ingress',
  // OpenCost's prices and what it makes of the rest
  'node_cpu_hourly_cost',
  'node_ram_hourly_cost',
  'node_gpu_hourly_cost',
  'node_total_hourly_cost',
  'node_gpu_count',
  'pv_hourly_cost',
  'kubecost_node_is_spot',
  'kubecost_load_balancer_cost',
  'kubecost_cluster_management_cost',
  'kubecost_cluster_info',
  'kubecost_pv_info',
  'kubecost_network_zone_egress_cost',
  'kubecost_network_region_egress_cost',
  'kubecost_network_internet_egress_cost',
  'service_selector_labels',
  'container_cpu_allocation',
  'container_memory_allocation_bytes',
  'container_gpu_allocation',
  'pod_pvc_allocation',
  // Kubecost's network-costs, and NVIDIA's DCGM exporter
  'kubecost_pod_network_egress_bytes_total',
  'DCGM_FI_PROF_GR_ENGINE_ACTIVE',
  'DCGM_FI_DEV_GPU_UTIL',
];
