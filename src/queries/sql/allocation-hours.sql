-- The ledger of the window by hour, but for the days that allocation-days.sql reads.
SELECT
    cluster, hour AS at, node, namespace, controller_kind, controller, pod, container, labels,
    run_ms,
    cpu_core_seconds, cpu_request_core_seconds, cpu_usage_core_seconds,
    toInt128(h.ram_byte_seconds) AS ram_byte_seconds,
    toInt128(h.ram_request_byte_seconds) AS ram_request_byte_seconds,
    toInt128(h.ram_usage_byte_seconds) AS ram_usage_byte_seconds,
    network_received_bytes, network_sent_bytes, cpu_cost, ram_cost
FROM container_hours AS h FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
    AND (day < {day_from:Date} OR day >= {day_to:Date} OR (cluster, day) IN (SELECT arrayJoin(arrayZip({exception_clusters:Array(UUID)}, {exception_days:Array(Date)}))))
    AND NOT withdrawn
