-- The record of the hours that container-hours.sql wrote.
INSERT INTO cluster_hours
(
    tenant, cluster, day, hour, source, covered_ms, reported, nodes, price_version, seen_at, computed_at, sums, version
)
WITH toDateTime({from_day:Date}, 'UTC') + toIntervalHour(number) AS hour_
SELECT
    {tenant:UUID} AS tenant, {cluster:UUID} AS cluster, toDate(hour_) AS day, hour_ AS hour, 'agent' AS source, 3600000 AS covered_ms,
    map('agent', 3600000) AS reported, {nodes:UInt32} AS nodes, '00000000-0000-4000-8000-000000000001' AS price_version,
    toDateTime64(hour_, 3, 'UTC') AS seen_at, toDateTime64(hour_, 3, 'UTC') AS computed_at, {sums:UInt8} AS sums, 2 AS version
FROM numbers({days:UInt32} * 24)
WHERE hour_ < {end:DateTime('UTC')}
