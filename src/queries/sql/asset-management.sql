-- What clusters pay to be managed.
SELECT
    toUInt32(roundDown(toUnixTimestamp(h.hour), {set_starts:Array(UInt32)})) AS set_s, cluster, 'ClusterManagement' AS asset_type,
    '' AS provider_id, '__management__' AS name,
    '' AS namespace, '' AS zone, '' AS region, '' AS instance_type, CAST(map(), 'Map(String, String)') AS labels,
    '' AS storage_class, '' AS claim, '' AS ip,
    min(toUnixTimestamp(h.hour)) AS first_s,
    max(toUnixTimestamp(h.hour)) AS last_s,
    toUInt32(3600000 - least(argMin(h.covered_ms, h.hour), 3600000)) AS first_gap_ms,
    argMax(h.covered_ms, h.hour) AS last_run_ms,
    arrayWithConstant(12, toDecimal128(0, 12)) AS amounts,
    [toDecimal128(0, 12), toDecimal128(0, 12), toDecimal128(0, 12), {{sum toDecimal128(h.management_cost, 12)}}, toDecimal128(0, 12)] AS costs
FROM cluster_hours AS h FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
GROUP BY set_s, cluster
HAVING sum(h.management_cost) != 0
