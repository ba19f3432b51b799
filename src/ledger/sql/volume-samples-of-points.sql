-- Volumes as Prometheus saw them, each row what one series told at one instant: claims and what they ask for, and, by the
-- volume's name, sizes and OpenCost's price per GiB-hour. A volume that no claim holds any more has neither namespace nor claim.
WITH
    claims AS
    (
        SELECT
            namespace AS claim_namespace,
            JSONExtractString(h.labels, 'persistentvolumeclaim') AS claim_name,
            argMax(JSONExtractString(h.labels, 'volumename'), (h.points[-1].1, h.labels)) AS claim_volume,
            argMax(JSONExtractString(h.labels, 'storageclass'), (h.points[-1].1, h.labels)) AS claim_class
        FROM {scratch:Identifier} AS h
        WHERE metric = 'kube_persistentvolumeclaim_info' AND JSONExtractString(h.labels, 'volumename') != ''
        GROUP BY claim_namespace, claim_name
    ),
    told AS
    (
        SELECT
            metric,
            namespace AS told_namespace,
            JSONExtractString(h.labels, 'persistentvolumeclaim') AS told_claim,
            if(metric = 'kube_persistentvolumeclaim_info', JSONExtractString(h.labels, 'volumename'),
                coalesce(nullIf(JSONExtractString(h.labels, 'persistentvolume'), ''), JSONExtractString(h.labels, 'volumename'))) AS told_volume,
            JSONExtractString(h.labels, 'provider_id') AS told_provider,
            point.1 AS at_ms,
            point.2 AS value
        FROM {scratch:Identifier} AS h
        ARRAY JOIN points AS point
        WHERE metric IN (
            'kube_persistentvolumeclaim_info', 'kube_persistentvolumeclaim_resource_requests_storage_bytes',
            'kube_persistentvolume_capacity_bytes', 'pv_hourly_cost')
    )
SELECT
    fromUnixTimestamp64Milli(told.at_ms, 'UTC') AS at,
    claims.claim_namespace AS namespace,
    claims.claim_name AS claim,
    told.told_volume AS volume,
    claims.claim_class AS storage_class,
    told.told_provider AS provider_id,
    if(told.metric = 'kube_persistentvolume_capacity_bytes', toInt64(round(told.value)), NULL) AS capacity,
    CAST(NULL AS Nullable(Int64)) AS request,
    if(told.metric = 'pv_hourly_cost', toInt64(round(told.value * 1e12)), NULL) AS rate_pico
FROM told
LEFT JOIN claims ON told.told_volume = claims.claim_volume
WHERE told.told_volume != ''
UNION ALL
SELECT
    fromUnixTimestamp64Milli(told.at_ms, 'UTC'), told.told_namespace, told.told_claim, claims.claim_volume, claims.claim_class, '',
    NULL, toInt64(round(told.value)), NULL
FROM told
INNER JOIN claims ON told.told_namespace = claims.claim_namespace AND told.told_claim = claims.claim_name
WHERE told.metric = 'kube_persistentvolumeclaim_resource_requests_storage_bytes'
