-- Load balancers, by the service that asked for them.
SELECT
    toUInt32(roundDown(toUnixTimestamp(b.hour), {set_starts:Array(UInt32)})) AS set_s, cluster, 'LoadBalancer' AS asset_type,
    '' AS provider_id,
    concat(b.namespace, '/', service) AS name,
    toString(b.namespace) AS namespace, '' AS zone, '' AS region, '' AS instance_type, CAST(map(), 'Map(String, String)') AS labels,
    '' AS storage_class, '' AS claim, ingress AS ip,
    min(toUnixTimestamp(b.hour)) AS first_s,
    max(toUnixTimestamp(b.hour)) AS last_s,
    toUInt32(3600000 - least(argMin(b.run_ms, b.hour), 3600000)) AS first_gap_ms,
    argMax(b.run_ms, b.hour) AS last_run_ms,
    arrayWithConstant(12, 0.) AS amounts,
    [toDecimal128(0, 12), toDecimal128(0, 12), toDecimal128(0, 12), {{sum toDecimal128(b.cost, 12)}}, {{sum toDecimal128(b.cost_adjustment, 12)}}] AS costs
FROM balancer_hours AS b FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
GROUP BY set_s, cluster, b.namespace, service, ingress
