-- Cost and use by namespace. Averages are over the hours that each cluster covers (`covered_s`), summed over clusters.
-- A pod belongs to one cluster and namespace, so counts of pods add up.
SELECT
    namespace,
    sum(request_cs / covered) * 1000 AS cpu_request_millicores,
    sum(request_bs / covered) AS ram_request_bytes,
    sum(usage_cs / covered) * 1000 AS cpu_usage_millicores,
    sum(usage_bs / covered) AS ram_usage_bytes,
    sum(usage_cs) AS cpu_usage,
    sum(request_cs) AS cpu_request,
    sum(usage_bs) AS ram_usage,
    sum(request_bs) AS ram_request,
    toString(sum(c.cpu_cost)) AS cpu_cost,
    toString(sum(c.ram_cost)) AS ram_cost,
    toString(sum(sum(c.cpu_cost)) OVER ()) AS all_cpu_cost,
    toString(sum(sum(c.ram_cost)) OVER ()) AS all_ram_cost,
    count() OVER () AS all_rows,
    sum(c.pods) AS pod_count
FROM
(
    SELECT
        cluster,
        namespace,
        greatest(transform(cluster, {clusters:Array(UUID)}, {covered_s:Array(Float64)}, 1.), 1) AS covered,
        toFloat64(sum(l.cpu_usage_core_seconds)) AS usage_cs,
        toFloat64(sum(l.cpu_request_core_seconds)) AS request_cs,
        toFloat64(sum(l.ram_usage_byte_seconds)) AS usage_bs,
        toFloat64(sum(l.ram_request_byte_seconds)) AS request_bs,
        sum(l.cpu_cost) AS cpu_cost,
        sum(l.ram_cost) AS ram_cost,
        uniqExactMerge(l.pods) AS pods
    FROM ({{leaves}}) AS l
    GROUP BY cluster, namespace
) AS c
GROUP BY namespace
ORDER BY sum(c.cpu_cost) + sum(c.ram_cost) DESC, namespace
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
