-- The record of each hour of a page: who told of it, which source was counted, and when it was computed.
SELECT
    toString(cluster) AS cluster_id, toUnixTimestamp(hour) AS hour_s, source AS record, reported, covered_ms,
    price_version, toUnixTimestamp64Milli(computed_at) AS computed_ms, toString(management_cost) AS management
FROM cluster_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {page_clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour IN {page_hours:Array(DateTime('UTC'))}
ORDER BY hour, cluster
