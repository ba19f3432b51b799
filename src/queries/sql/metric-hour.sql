-- The hour that gauges are of: the newest that is over, else the open one.
SELECT
    toUnixTimestamp(h.hour) AS hour_s,
    h.covered_ms AS covered_ms,
    toFloat64(h.management_cost) AS management_cost
FROM cluster_hours AS h FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day >= toDate({since:DateTime64(3, 'UTC')})
    AND hour >= {since:DateTime64(3, 'UTC')} AND hour <= {open:DateTime64(3, 'UTC')} AND covered_ms > 0
ORDER BY hour < {open:DateTime64(3, 'UTC')} DESC, hour DESC
LIMIT 1
