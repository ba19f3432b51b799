-- The ledger of the window by cluster, namespace and instant, each row counted once: whole days from their sums, the rest from
-- hours (see grain.ts). `pods` counts distinct pods when merged.
SELECT
    cluster, toDateTime(day, 'UTC') AS at, namespace,
    cpu_usage_core_seconds, ram_usage_byte_seconds, cpu_request_core_seconds, ram_request_byte_seconds, cpu_cost, ram_cost, pods
FROM workload_days FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND day >= {day_from:Date} AND day < {day_to:Date}
    AND (cluster, day) NOT IN (SELECT arrayJoin(arrayZip({exception_clusters:Array(UUID)}, {exception_days:Array(Date)})))
    AND ({namespace:String} = '' OR namespace = {namespace:String}) AND NOT withdrawn
UNION ALL
SELECT
    cluster, hour AS at, namespace,
    sum(h.cpu_usage_core_seconds) AS cpu_usage_core_seconds,
    sum(toInt128(h.ram_usage_byte_seconds)) AS ram_usage_byte_seconds,
    sum(h.cpu_request_core_seconds) AS cpu_request_core_seconds,
    sum(toInt128(h.ram_request_byte_seconds)) AS ram_request_byte_seconds,
    sum(h.cpu_cost) AS cpu_cost,
    sum(h.ram_cost) AS ram_cost,
    uniqExactStateIf(cityHash64(cluster, namespace, pod, pod_uid), pod != '') AS pods
FROM container_hours AS h FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
    AND (day < {day_from:Date} OR day >= {day_to:Date} OR (cluster, day) IN (SELECT arrayJoin(arrayZip({exception_clusters:Array(UUID)}, {exception_days:Array(Date)}))))
    AND ({namespace:String} = '' OR namespace = {namespace:String}) AND NOT withdrawn
GROUP BY cluster, at, namespace
