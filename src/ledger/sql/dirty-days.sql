-- Days that are over, and whose hours are newer than the day's own sums, or that have not all sums. Newest first.
SELECT
    hours.tenant AS tenant, hours.cluster AS cluster, toString(hours.day) AS day, toString(hours.newest) AS hours_version,
    hours.newest != days.hours_version AS has_newer_hours
FROM
(
    SELECT tenant, cluster, day, max(version) AS newest
    FROM cluster_hours
    WHERE day >= {from:Date} AND day < toDate(now('UTC'))
    GROUP BY tenant, cluster, day
) AS hours
LEFT JOIN
(
    SELECT tenant, cluster, day, hours_version, sums FROM day_grains FINAL WHERE day >= {from:Date}
) AS days
ON hours.tenant = days.tenant AND hours.cluster = days.cluster AND hours.day = days.day
WHERE hours.newest != days.hours_version OR days.sums < {sums:UInt8}
ORDER BY day DESC, tenant, cluster
LIMIT {days_max:UInt32}
