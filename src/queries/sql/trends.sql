-- Cost and use by cluster and step of the calendar (UTC; weeks start on Monday).
SELECT
    cluster,
    toUnixTimestamp(step) AS step_s,
    toFloat64(sum(l.cpu_usage_core_seconds)) AS cpu_usage,
    toFloat64(sum(l.cpu_request_core_seconds)) AS cpu_request,
    toFloat64(sum(l.ram_usage_byte_seconds)) AS ram_usage,
    toFloat64(sum(l.ram_request_byte_seconds)) AS ram_request,
    toString(sum(l.cpu_cost)) AS cpu_cost,
    toString(sum(l.ram_cost)) AS ram_cost,
    uniqExactMerge(l.pods) AS pod_count
FROM
(
    SELECT
        *, multiIf({step:String} = 'week', toDateTime(toMonday(at), 'UTC'), {step:String} = 'day', toStartOfDay(at, 'UTC'), at) AS step
    FROM ({{leaves}})
) AS l
GROUP BY cluster, step
ORDER BY step, cluster
