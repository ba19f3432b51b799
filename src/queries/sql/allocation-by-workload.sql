-- The ledger by workload: whole days, or hours, for what grain.ts lets be read so. Annotations and peaks are containers' alone.
SELECT
    cluster, {{at}} AS at, '' AS node, namespace, controller_kind, controller, '' AS pod, '' AS container, labels,
    CAST(map(), 'Map(LowCardinality(String), String)') AS annotations,
    CAST([], 'Array(String)') AS services,
    toUInt32(0) AS run_ms, toUInt32(0) AS cpu_usage_max_millicores, toUInt64(0) AS ram_usage_max_bytes,
    cpu_core_seconds, cpu_request_core_seconds, cpu_usage_core_seconds,
    ram_byte_seconds, ram_request_byte_seconds, ram_usage_byte_seconds,
    gpu_seconds, gpu_request_seconds, gpu_usage_seconds,
    network_received_bytes, network_sent_bytes,
    cpu_cost, ram_cost, gpu_cost, network_cross_zone_cost, network_cross_region_cost, network_internet_cost, external_cost,
    cpu_cost_adjustment, ram_cost_adjustment, gpu_cost_adjustment, network_cost_adjustment
FROM {{table}} FINAL
WHERE {{of_window}}
    AND NOT withdrawn
