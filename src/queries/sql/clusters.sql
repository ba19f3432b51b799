-- Cost and use by cluster, over the hours that it covers. Nodes are counted from what they offered.
SELECT
    c.cluster AS cluster,
    uniqExactIf(c.cut, c.cut NOT IN ('__idle__', '__overcommit__', '__unmounted__', '__management__')) AS namespace_count,
    any(n.node_count) AS node_count,
    sum(c.cpu_usage) AS cpu_usage,
    sum(c.cpu_request) AS cpu_request,
    sum(c.ram_usage) AS ram_usage,
    sum(c.ram_request) AS ram_request,
    arrayMap(cost -> toString(cost), sumForEach(c.costs)) AS costs,
    arrayMap(cost -> toString(cost), sumForEach(sumForEach(c.costs)) OVER ()) AS all_costs,
    count() OVER () AS all_rows,
    sum(c.pods) AS pod_count
FROM ({{cost_cuts}}) AS c
LEFT JOIN
(
    SELECT cluster, uniqExact(node) AS node_count
    FROM node_hours FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
        AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
        AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
    GROUP BY cluster
) AS n ON c.cluster = n.cluster
GROUP BY c.cluster
ORDER BY arraySum(sumForEach(c.costs)) DESC, c.cluster
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
