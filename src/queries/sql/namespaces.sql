-- Cost and use by namespace. Averages are over the hours that each cluster covers (`covered_s`), summed over clusters.
-- A pod belongs to one cluster and namespace, so counts of pods add up.
SELECT
    c.cut AS namespace,
    sum(c.cpu_request / covered) * 1000 AS cpu_request_millicores,
    sum(c.ram_request / covered) AS ram_request_bytes,
    sum(c.cpu_usage / covered) * 1000 AS cpu_usage_millicores,
    sum(c.ram_usage / covered) AS ram_usage_bytes,
    sum(c.cpu_usage) AS cpu_usage,
    sum(c.cpu_request) AS cpu_request,
    sum(c.ram_usage) AS ram_usage,
    sum(c.ram_request) AS ram_request,
    arrayMap(cost -> toString(cost), sumForEach(c.costs)) AS costs,
    arrayMap(cost -> toString(cost), sumForEach(sumForEach(c.costs)) OVER ()) AS all_costs,
    count() OVER () AS all_rows,
    sum(c.pods) AS pod_count
FROM
(
    SELECT *, greatest(transform(cluster, {clusters:Array(UUID)}, {covered_s:Array(Float64)}, 1.), 1) AS covered
    FROM ({{cost_cuts}})
) AS c
GROUP BY c.cut
ORDER BY arraySum(sumForEach(c.costs)) DESC, c.cut
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
