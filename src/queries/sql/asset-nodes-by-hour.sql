SELECT
    cluster, day, hour AS at, hour AS first_hour, hour AS last_hour, n.covered_ms AS first_ms, n.covered_ms AS last_ms,
    node, provider_id, zone, region, instance_type, labels,
    n.cpu_capacity_core_seconds AS cpu_capacity_core_seconds,
    toInt128(n.ram_capacity_byte_seconds) AS ram_capacity_byte_seconds,
    n.gpu_capacity_seconds AS gpu_capacity_seconds,
    toUInt64(n.covered_ms) AS covered_ms,
    toUInt64(if(n.spot, n.covered_ms, 0)) AS spot_ms,
    toDecimal128(n.cpu_cost, 12) + n.ram_cost AS priced_cost,
    -- what is for nothing has no price that it would be a part of
    toDecimal128(toFloat64(n.cpu_cost + n.ram_cost) / if(n.discount < 1, 1 - toFloat64(n.discount), 1), 12) AS undiscounted_cost,
    toDecimal128(n.cost_adjustment, 12) AS cost_adjustment
FROM node_hours AS n FINAL
WHERE {{of_window}}
    AND NOT withdrawn
