-- Days of the window whose own sums are not (or no longer) as new as their hours: these are read from hours.
SELECT cluster, toString(day) AS day
FROM
(
    SELECT cluster, day, max(version) AS newest
    FROM cluster_hours
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND day >= {day_from:Date} AND day < {day_to:Date}
    GROUP BY cluster, day
) AS hours
LEFT JOIN
(
    SELECT cluster, day, hours_version, sums
    FROM day_grains FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND day >= {day_from:Date} AND day < {day_to:Date}
) AS grains
ON hours.cluster = grains.cluster AND hours.day = grains.day
WHERE hours.newest != grains.hours_version OR grains.sums < {sums:UInt8}
LIMIT {exceptions_max:UInt32}
