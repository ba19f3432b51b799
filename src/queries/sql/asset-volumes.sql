-- Volumes, by the claim that asked for them.
SELECT
    toUInt32(roundDown(toUnixTimestamp(v.hour), {set_starts:Array(UInt32)})) AS set_s, cluster, 'Disk' AS asset_type,
    argMaxIf(v.provider_id, v.hour, v.provider_id != '') AS provider_id,
    if(volume = '', concat(namespace, '/', claim), volume) AS name,
    toString(v.namespace) AS namespace, '' AS zone, '' AS region, '' AS instance_type, CAST(map(), 'Map(String, String)') AS labels,
    toString(argMaxIf(v.storage_class, v.hour, v.storage_class != '')) AS storage_class,
    v.claim AS claim,
    '' AS ip,
    min(toUnixTimestamp(v.hour)) AS first_s,
    max(toUnixTimestamp(v.hour)) AS last_s,
    toUInt32(3600000 - least(tupleElement(min((v.hour, v.covered_ms)), 2), 3600000)) AS first_gap_ms,
    tupleElement(max((v.hour, v.covered_ms)), 2) AS last_run_ms,
    [0., 0., 0., 0., 0., 0., 0., 0., 0., 0., sum(toFloat64(v.byte_seconds)), sumIf(toFloat64(v.byte_seconds), v.pod != '')] AS amounts,
    [toDecimal128(0, 12), toDecimal128(0, 12), toDecimal128(0, 12), {{sum toDecimal128(v.cost, 12)}}, {{sum toDecimal128(v.cost_adjustment, 12)}}] AS costs
FROM volume_hours AS v FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
GROUP BY set_s, cluster, v.namespace, v.claim, volume
