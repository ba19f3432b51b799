SELECT
    n.node AS node, n.provider_id AS provider_id, n.instance_type AS instance_type, n.region AS region, n.zone AS zone, n.spot AS spot,
    CAST(n.labels, 'Map(String, String)') AS labels,
    n.covered_ms AS covered_ms,
    toFloat64(n.cpu_capacity_core_seconds) AS core_seconds,
    toFloat64(n.ram_capacity_byte_seconds) AS byte_seconds,
    toFloat64(n.gpu_capacity_seconds) AS gpu_seconds,
    toFloat64(n.cpu_cost) AS cpu_cost,
    toFloat64(n.ram_cost) AS ram_cost,
    toFloat64(n.gpu_cost) AS gpu_cost
FROM node_hours AS n FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND NOT withdrawn AND price_basis != 'unknown' AND n.covered_ms > 0
ORDER BY n.node
LIMIT {things_max:UInt32}
