SELECT
    cluster, day, toDateTime(day, 'UTC') AS at, first_used_hour AS first_hour, last_used_hour AS last_hour, node,
    cpu_cost, ram_cost, gpu_cost, network_cost, network_cost_adjustment, external_cost, stated_adjustment,
    cpu_system_core_seconds, cpu_user_core_seconds, ram_system_byte_seconds, ram_user_byte_seconds
FROM node_days FINAL
WHERE {{of_window}}
    AND NOT withdrawn AND first_used_hour > 0
