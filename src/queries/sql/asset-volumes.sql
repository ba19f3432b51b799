-- Volumes, by the claim that asked for them.
SELECT
    toUInt32(roundDown(toUnixTimestamp(v.at), {set_starts:Array(UInt32)})) AS set_s, cluster, 'Disk' AS asset_type,
    argMaxIf(v.provider_id, (v.last_hour, v.provider_id), v.provider_id != '') AS provider_id,
    if(volume = '', concat(namespace, '/', claim), volume) AS name,
    toString(v.namespace) AS namespace, '' AS zone, '' AS region, '' AS instance_type, CAST(map(), 'Map(String, String)') AS labels,
    toString(argMaxIf(v.storage_class, (v.last_hour, v.storage_class), v.storage_class != '')) AS storage_class,
    v.claim AS claim,
    '' AS ip,
    min(toUnixTimestamp(v.first_hour)) AS first_s,
    max(toUnixTimestamp(v.last_hour)) AS last_s,
    toUInt32(3600000 - least(tupleElement(min((v.first_hour, v.first_ms)), 2), 3600000)) AS first_gap_ms,
    tupleElement(max((v.last_hour, v.last_ms)), 2) AS last_run_ms,
    arrayConcat(arrayWithConstant(10, toDecimal128(0, 12)), [toDecimal128(sum(v.byte_seconds), 12), toDecimal128(sumIf(v.byte_seconds, v.pod != ''), 12)]) AS amounts,
    [toDecimal128(0, 12), toDecimal128(0, 12), toDecimal128(0, 12), {{sum v.cost}}, {{sum v.cost_adjustment}}] AS costs
FROM
(
    {{leaves asset-volumes}}
) AS v
GROUP BY set_s, cluster, v.namespace, v.claim, volume
