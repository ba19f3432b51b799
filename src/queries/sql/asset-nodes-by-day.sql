SELECT
    cluster, day, toDateTime(day, 'UTC') AS at, first_hour, last_hour, first_covered_ms AS first_ms, last_covered_ms AS last_ms,
    node, provider_id, zone, region, instance_type, labels,
    cpu_capacity_core_seconds, ram_capacity_byte_seconds, gpu_capacity_seconds, covered_ms, spot_ms, priced_cost, undiscounted_cost,
    cost_adjustment
FROM node_days FINAL
WHERE {{of_window}}
    AND NOT withdrawn AND first_hour > 0
