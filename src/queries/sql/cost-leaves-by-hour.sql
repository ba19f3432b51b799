-- The ledger of the window by hour, cluster and namespace, but for the days that cost-leaves-by-day.sql reads.
SELECT
    cluster, hour AS at, namespace,
    sum(h.cpu_usage_core_seconds) AS cpu_usage_core_seconds,
    sum(toInt128(h.ram_usage_byte_seconds)) AS ram_usage_byte_seconds,
    sum(h.cpu_request_core_seconds) AS cpu_request_core_seconds,
    sum(toInt128(h.ram_request_byte_seconds)) AS ram_request_byte_seconds,
    sum(h.cpu_cost) AS cpu_cost,
    sum(h.ram_cost) AS ram_cost,
    sum(h.gpu_cost) AS gpu_cost,
    sum(h.network_cross_zone_cost) AS network_cross_zone_cost,
    sum(h.network_cross_region_cost) AS network_cross_region_cost,
    sum(h.network_internet_cost) AS network_internet_cost,
    sum(h.external_cost) AS external_cost,
    uniqExactStateIf(cityHash64(cluster, namespace, pod, pod_uid), pod != '') AS pods
FROM container_hours AS h FINAL
WHERE {{of_window}}
    AND ({namespace:String} = '' OR namespace = {namespace:String}) AND NOT withdrawn
GROUP BY cluster, at, namespace
