-- Pods by how much of their CPU request they use, over the time that each ran. A pod's run is its longest container's; of one
-- that only a volume tells of, nobody knows how long it ran. `costs` are in the order of RESOURCES (core/allocation/costs.ts).
SELECT
    cluster, namespace, pod,
    sum(run_ms) / 3600000 AS run_hours,
    if(sum(run_ms) = 0, 0, toFloat64(sum(p.cpu_usage_core_seconds)) * 1000000 / sum(run_ms)) AS cpu_usage_millicores,
    if(sum(run_ms) = 0, 0, toFloat64(sum(p.cpu_request_core_seconds)) * 1000000 / sum(run_ms)) AS cpu_request_millicores,
    if(sum(run_ms) = 0, 0, toFloat64(sum(p.ram_usage_byte_seconds)) * 1000 / sum(run_ms)) AS ram_usage_bytes,
    if(sum(run_ms) = 0, 0, toFloat64(sum(p.ram_request_byte_seconds)) * 1000 / sum(run_ms)) AS ram_request_bytes,
    if(cpu_request_millicores > 0, cpu_usage_millicores / cpu_request_millicores * 100, NULL) AS cpu_percent,
    if(ram_request_bytes > 0, ram_usage_bytes / ram_request_bytes * 100, NULL) AS ram_percent,
    arrayMap(cost -> toString(cost), [
        {{sum p.cpu_cost}}, {{sum p.ram_cost}}, {{sum p.gpu_cost}}, {{sum p.pv_cost}},
        {{sum p.network_cross_zone_cost}} + {{sum p.network_cross_region_cost}} + {{sum p.network_internet_cost}},
        toDecimal128(0, 12), {{sum p.external_cost}}, toDecimal128(0, 12)
    ]) AS costs,
    count() OVER () AS all_rows
FROM
(
    SELECT
        cluster, namespace, pod, pod_uid, hour,
        max(h.run_ms) AS run_ms,
        sum(h.cpu_usage_core_seconds) AS cpu_usage_core_seconds,
        sum(h.cpu_request_core_seconds) AS cpu_request_core_seconds,
        sum(toInt128(h.ram_usage_byte_seconds)) AS ram_usage_byte_seconds,
        sum(toInt128(h.ram_request_byte_seconds)) AS ram_request_byte_seconds,
        sum(h.cpu_cost) AS cpu_cost,
        sum(h.ram_cost) AS ram_cost,
        sum(h.gpu_cost) AS gpu_cost,
        toDecimal128(0, 12) AS pv_cost,
        sum(h.network_cross_zone_cost) AS network_cross_zone_cost,
        sum(h.network_cross_region_cost) AS network_cross_region_cost,
        sum(h.network_internet_cost) AS network_internet_cost,
        sum(h.external_cost) AS external_cost
    FROM container_hours AS h FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
        AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
        AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
        AND ({namespace:String} = '' OR namespace = {namespace:String}) AND NOT withdrawn AND pod != ''
    GROUP BY cluster, namespace, pod, pod_uid, hour
    UNION ALL
    SELECT cluster, namespace, pod, '', at, 0, 0, 0, 0, 0, 0, 0, 0, a.cost, 0, 0, 0, 0
    FROM ({{volumes}}) AS a
    WHERE pod != '__unmounted__' AND ({namespace:String} = '' OR namespace = {namespace:String})
) AS p
GROUP BY cluster, namespace, pod
ORDER BY cpu_percent DESC NULLS LAST, cluster, namespace, pod
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
