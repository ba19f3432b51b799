-- Ledger rows of the window, in the words of allocation-columns.ts.
SELECT
    cluster, hour AS at, node, namespace, controller_kind, controller, pod, pod_uid, container, labels, annotations,
    CAST([], 'Array(String)') AS services, run_ms, price_version, source,
    cpu_core_seconds, cpu_request_core_seconds, cpu_usage_core_seconds,
    ram_byte_seconds, ram_request_byte_seconds, ram_usage_byte_seconds,
    gpu_seconds, gpu_request_seconds, gpu_usage_seconds,
    cpu_cost, ram_cost, gpu_cost, network_cross_zone_cost, network_cross_region_cost, network_internet_cost, external_cost,
    cpu_cost_adjustment, ram_cost_adjustment, gpu_cost_adjustment, network_cost_adjustment
FROM container_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
