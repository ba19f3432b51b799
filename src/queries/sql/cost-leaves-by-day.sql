-- The ledger of the window's whole days by cluster and namespace (see grain.ts). `pods` counts distinct pods when merged.
SELECT
    cluster, toDateTime(day, 'UTC') AS at, namespace,
    cpu_usage_core_seconds, ram_usage_byte_seconds, cpu_request_core_seconds, ram_request_byte_seconds,
    cpu_cost, ram_cost, gpu_cost, network_cross_zone_cost, network_cross_region_cost, network_internet_cost, external_cost, pods
FROM workload_days FINAL
WHERE {{of_window}}
    AND ({namespace:String} = '' OR namespace = {namespace:String}) AND NOT withdrawn
