-- What every node of one cluster offered in one hour, from the ledger itself: for pricing again what has no samples any more.
SELECT
    node, provider_id, instance_type, region, zone, spot, labels,
    toInt64(covered_ms) AS covered_ms,
    toInt128(toDecimal128(cpu_capacity_core_seconds, 6) * 1000000) AS capacity_ucs,
    toInt128(ram_capacity_byte_seconds) AS capacity_bs,
    toInt128(toDecimal128(gpu_capacity_seconds, 6) * 1000000) AS gpu_us,
    has_reported_cost AS reported,
    toInt128(toDecimal128(reported_cost, 12) * 1000000000000) AS reported_pico
FROM node_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND NOT withdrawn
