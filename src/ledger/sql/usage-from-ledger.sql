-- What every container of one cluster held and used in one hour, from the ledger itself: for pricing again what has no
-- samples any more.
SELECT
    namespace, pod, pod_uid, container, node, controller_kind, controller, labels, annotations,
    toInt64(run_ms) AS run_ms,
    toInt128(toDecimal128(cpu_core_seconds, 6) * 1000000) AS ucs,
    toInt128(ram_byte_seconds) AS bs,
    toInt128(toDecimal128(cpu_usage_core_seconds, 6) * 1000000) AS usage_ucs,
    toInt128(ram_usage_byte_seconds) AS usage_bs,
    toInt128(toDecimal128(cpu_request_core_seconds, 6) * 1000000) AS request_ucs,
    toInt128(ram_request_byte_seconds) AS request_bs,
    toInt64(cpu_usage_max_millicores) * 1000000 AS cpu_max,
    toInt64(ram_usage_max_bytes) AS ram_max,
    toInt64(network_received_bytes) AS received,
    toInt64(network_sent_bytes) AS sent,
    toInt128(toDecimal128(gpu_seconds, 6) * 1000000) AS gpu_us,
    toInt128(toDecimal128(gpu_usage_seconds, 6) * 1000000) AS gpu_usage_us,
    toInt128(toDecimal128(gpu_request_seconds, 6) * 1000000) AS gpu_request_us,
    toInt64(network_zone_bytes) AS zone_bytes,
    toInt64(network_region_bytes) AS region_bytes,
    toInt64(network_internet_bytes) AS internet_bytes,
    -- what a source stated stays as it stated it
    if(price_version = 'stated', toInt128(toDecimal128(cpu_cost, 12) * 1000000000000), NULL) AS stated_cpu_pico,
    if(price_version = 'stated', toInt128(toDecimal128(ram_cost, 12) * 1000000000000), NULL) AS stated_ram_pico,
    if(price_version = 'stated', toInt128(toDecimal128(gpu_cost, 12) * 1000000000000), NULL) AS stated_gpu_pico,
    if(price_version = 'stated', toInt128(toDecimal128(network_cross_zone_cost, 12) * 1000000000000), NULL) AS stated_zone_pico,
    if(price_version = 'stated', toInt128(toDecimal128(network_cross_region_cost, 12) * 1000000000000), NULL) AS stated_region_pico,
    if(price_version = 'stated', toInt128(toDecimal128(network_internet_cost, 12) * 1000000000000), NULL) AS stated_internet_pico,
    toInt128(toDecimal128(external_cost, 12) * 1000000000000) AS external_pico,
    toInt128(toDecimal128(cpu_cost_adjustment, 12) * 1000000000000) AS cpu_adjustment_pico,
    toInt128(toDecimal128(ram_cost_adjustment, 12) * 1000000000000) AS ram_adjustment_pico,
    toInt128(toDecimal128(gpu_cost_adjustment, 12) * 1000000000000) AS gpu_adjustment_pico,
    toInt128(toDecimal128(network_cost_adjustment, 12) * 1000000000000) AS network_adjustment_pico
FROM container_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND NOT withdrawn AND namespace NOT IN ('__idle__', '__overcommit__')
