-- Pods by how much of their CPU request they use, over the time that each ran. A pod's run is its longest container's.
SELECT
    cluster, namespace, pod,
    sum(run_ms) / 3600000 AS run_hours,
    toFloat64(sum(p.cpu_usage_core_seconds)) * 1000000 / sum(run_ms) AS cpu_usage_millicores,
    toFloat64(sum(p.cpu_request_core_seconds)) * 1000000 / sum(run_ms) AS cpu_request_millicores,
    toFloat64(sum(p.ram_usage_byte_seconds)) * 1000 / sum(run_ms) AS ram_usage_bytes,
    toFloat64(sum(p.ram_request_byte_seconds)) * 1000 / sum(run_ms) AS ram_request_bytes,
    if(cpu_request_millicores > 0, cpu_usage_millicores / cpu_request_millicores * 100, NULL) AS cpu_percent,
    if(ram_request_bytes > 0, ram_usage_bytes / ram_request_bytes * 100, NULL) AS ram_percent,
    toString(sum(p.cpu_cost)) AS cpu_cost,
    toString(sum(p.ram_cost)) AS ram_cost,
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
        sum(h.ram_cost) AS ram_cost
    FROM container_hours AS h FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
        AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
        AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
        AND ({namespace:String} = '' OR namespace = {namespace:String}) AND NOT withdrawn AND pod != ''
    GROUP BY cluster, namespace, pod, pod_uid, hour
) AS p
GROUP BY cluster, namespace, pod
ORDER BY cpu_percent DESC NULLS LAST, cluster, namespace, pod
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
