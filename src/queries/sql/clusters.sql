-- Cost and use by cluster, over the hours that it covers. Nodes are counted from what they offered.
SELECT
    c.cluster AS cluster,
    c.namespace_count AS namespace_count,
    n.node_count AS node_count,
    c.cpu_usage AS cpu_usage,
    c.cpu_request AS cpu_request,
    c.ram_usage AS ram_usage,
    c.ram_request AS ram_request,
    toString(c.cpu_cost) AS cpu_cost,
    toString(c.ram_cost) AS ram_cost,
    toString(sum(c.cpu_cost) OVER ()) AS all_cpu_cost,
    toString(sum(c.ram_cost) OVER ()) AS all_ram_cost,
    count() OVER () AS all_rows,
    c.pod_count AS pod_count
FROM
(
    SELECT
        cluster,
        uniqExactIf(namespace, namespace NOT IN ('__idle__', '__overcommit__')) AS namespace_count,
        toFloat64(sum(l.cpu_usage_core_seconds)) AS cpu_usage,
        toFloat64(sum(l.cpu_request_core_seconds)) AS cpu_request,
        toFloat64(sum(l.ram_usage_byte_seconds)) AS ram_usage,
        toFloat64(sum(l.ram_request_byte_seconds)) AS ram_request,
        sum(l.cpu_cost) AS cpu_cost,
        sum(l.ram_cost) AS ram_cost,
        uniqExactMerge(l.pods) AS pod_count
    FROM ({{leaves}}) AS l
    GROUP BY cluster
) AS c
LEFT JOIN
(
    SELECT cluster, uniqExact(node) AS node_count
    FROM node_hours FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
        AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
        AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
    GROUP BY cluster
) AS n ON c.cluster = n.cluster
ORDER BY c.cpu_cost + c.ram_cost DESC, cluster
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
