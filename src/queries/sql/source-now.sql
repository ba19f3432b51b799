-- The newest hour of each cluster: which source is counted, and what each one covered.
SELECT
    cluster, toUnixTimestamp(hour) AS hour_s, toString(source) AS source,
    mapKeys(reported) AS reported_sources, mapValues(reported) AS reported_ms
FROM cluster_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND source != '' AND (cluster, hour) IN
(
    SELECT cluster, max(hour)
    FROM cluster_hours
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND source != ''
    GROUP BY cluster
)
ORDER BY cluster
