SELECT
    cluster, day, hour AS at, hour AS first_hour, hour AS last_hour, node,
    toDecimal128(c.cpu_cost, 12) AS cpu_cost,
    toDecimal128(c.ram_cost, 12) AS ram_cost,
    toDecimal128(c.gpu_cost, 12) AS gpu_cost,
    toDecimal128(c.network_cross_zone_cost, 12) + c.network_cross_region_cost + c.network_internet_cost AS network_cost,
    toDecimal128(c.network_cost_adjustment, 12) AS network_cost_adjustment,
    toDecimal128(c.external_cost, 12) AS external_cost,
    if(c.price_version = 'stated', toDecimal128(c.cpu_cost_adjustment, 12) + c.ram_cost_adjustment + c.gpu_cost_adjustment, toDecimal128(0, 12)) AS stated_adjustment,
    if(c.namespace = 'kube-system', c.cpu_usage_core_seconds, 0) AS cpu_system_core_seconds,
    if(c.namespace = 'kube-system', 0, c.cpu_usage_core_seconds) AS cpu_user_core_seconds,
    toInt128(if(c.namespace = 'kube-system', c.ram_usage_byte_seconds, 0)) AS ram_system_byte_seconds,
    toInt128(if(c.namespace = 'kube-system', 0, c.ram_usage_byte_seconds)) AS ram_user_byte_seconds
FROM container_hours AS c FINAL
WHERE {{of_window}}
    AND NOT withdrawn
