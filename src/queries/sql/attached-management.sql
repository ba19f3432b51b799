-- What the window's clusters pay to be managed: a row an hour and cluster is read faster than it would be from days and hours.
SELECT
    cluster, hour AS at, hour AS first_at, hour AS last_at, 'management' AS what, toUInt64(3600000) AS run_ms,
    '', '', '', '', '', '', map(), map(), CAST([], 'Array(String)'), '', '', toInt128(0), management_cost, 0
FROM cluster_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND management_cost != 0
