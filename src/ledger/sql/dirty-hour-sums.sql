-- Hours whose sums are not there, or not those of the hour as it is now. Newest first.
SELECT tenant, cluster, toUnixTimestamp(hour) AS hour_s, toString(version) AS hour_version
FROM cluster_hours FINAL
WHERE day >= {from:Date} AND sums < {sums:UInt8}
ORDER BY hour DESC, tenant, cluster
LIMIT {hours_max:UInt32}
