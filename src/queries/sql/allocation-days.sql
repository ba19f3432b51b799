-- The ledger of the window's whole days by workload, for what grain.ts lets be read so.
SELECT
    cluster, toDateTime(day, 'UTC') AS at, '' AS node, namespace, controller_kind, controller, '' AS pod, '' AS container, labels,
    toUInt32(0) AS run_ms,
    cpu_core_seconds, cpu_request_core_seconds, cpu_usage_core_seconds,
    ram_byte_seconds, ram_request_byte_seconds, ram_usage_byte_seconds,
    network_received_bytes, network_sent_bytes, cpu_cost, ram_cost
FROM workload_days FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND day >= {day_from:Date} AND day < {day_to:Date}
    AND (cluster, day) NOT IN (SELECT arrayJoin(arrayZip({exception_clusters:Array(UUID)}, {exception_days:Array(Date)})))
    AND NOT withdrawn
