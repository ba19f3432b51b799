-- Cost and use by cluster and step of the calendar (UTC; weeks start on Monday).
SELECT
    c.cluster AS cluster,
    toUnixTimestamp(c.cut) AS step_s,
    sum(c.cpu_usage) AS cpu_usage,
    sum(c.cpu_request) AS cpu_request,
    sum(c.ram_usage) AS ram_usage,
    sum(c.ram_request) AS ram_request,
    arrayMap(cost -> toString(cost), sumForEach(c.costs)) AS costs,
    sum(c.pods) AS pod_count
FROM ({{cost_cuts}}) AS c
GROUP BY c.cluster, c.cut
ORDER BY c.cut, c.cluster
