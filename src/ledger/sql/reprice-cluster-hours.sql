-- The same hour, under another price version: what it had seen of the samples stays what it was.
INSERT INTO cluster_hours
(
    tenant, cluster, day, hour, source, covered_ms, reported, nodes, price_version, seen_at, arrivals, computed_at, version
)
SELECT tenant, cluster, day, hour, source, covered_ms, reported, nodes, {price_version:String} AS price_version, seen_at, arrivals, computed_at, {version:UInt64} AS version
FROM cluster_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
