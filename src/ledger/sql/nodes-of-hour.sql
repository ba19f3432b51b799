-- What the ledger has of the nodes of one hour, in the whole numbers that costs are shared out in.
SELECT
    node,
    spot,
    toInt64(covered_ms) AS covered_ms,
    price_basis != 'unknown' AS known,
    toInt128(toDecimal128(cpu_capacity_core_seconds, 6) * 1000000) AS capacity_ucs,
    toInt128(ram_capacity_byte_seconds) AS capacity_bs,
    toInt128(toDecimal128(gpu_capacity_seconds, 6) * 1000000) AS gpu_capacity_us,
    toInt128(toDecimal128(cpu_cost, 12) * 1000000000000) AS cpu_pico,
    toInt128(toDecimal128(ram_cost, 12) * 1000000000000) AS ram_pico,
    toInt128(toDecimal128(gpu_cost, 12) * 1000000000000) AS gpu_pico
FROM node_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND NOT withdrawn
