-- The ledger of the window by hour and container, for what neither days nor hours by workload tell, or where they are not there.
SELECT
    cluster, hour AS at, node, namespace, controller_kind, controller, pod, container, labels, annotations,
    CAST([], 'Array(String)') AS services,
    run_ms, cpu_usage_max_millicores, ram_usage_max_bytes,
    cpu_core_seconds, cpu_request_core_seconds, cpu_usage_core_seconds,
    toInt128(h.ram_byte_seconds) AS ram_byte_seconds,
    toInt128(h.ram_request_byte_seconds) AS ram_request_byte_seconds,
    toInt128(h.ram_usage_byte_seconds) AS ram_usage_byte_seconds,
    gpu_seconds, gpu_request_seconds, gpu_usage_seconds,
    network_received_bytes, network_sent_bytes,
    cpu_cost, ram_cost, gpu_cost, network_cross_zone_cost, network_cross_region_cost, network_internet_cost, external_cost,
    cpu_cost_adjustment, ram_cost_adjustment, gpu_cost_adjustment, network_cost_adjustment
FROM container_hours AS h FINAL
WHERE {{of_window}}
    AND NOT withdrawn
