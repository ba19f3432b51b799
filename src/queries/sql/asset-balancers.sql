-- Load balancers, by the service that asked for them.
SELECT
    toUInt32(roundDown(toUnixTimestamp(b.at), {set_starts:Array(UInt32)})) AS set_s, cluster, 'LoadBalancer' AS asset_type,
    '' AS provider_id,
    concat(b.namespace, '/', service) AS name,
    toString(b.namespace) AS namespace, '' AS zone, '' AS region, '' AS instance_type, CAST(map(), 'Map(String, String)') AS labels,
    '' AS storage_class, '' AS claim, ingress AS ip,
    min(toUnixTimestamp(b.first_hour)) AS first_s,
    max(toUnixTimestamp(b.last_hour)) AS last_s,
    toUInt32(3600000 - least(argMin(b.first_ms, b.first_hour), 3600000)) AS first_gap_ms,
    argMax(b.last_ms, b.last_hour) AS last_run_ms,
    arrayWithConstant(12, toDecimal128(0, 12)) AS amounts,
    [toDecimal128(0, 12), toDecimal128(0, 12), toDecimal128(0, 12), {{sum b.cost}}, {{sum b.cost_adjustment}}] AS costs
FROM
(
    {{leaves asset-balancers}}
) AS b
GROUP BY set_s, cluster, b.namespace, service, ingress
