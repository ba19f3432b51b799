SELECT
    cluster, day, toDateTime(day, 'UTC') AS at, first_hour, last_hour, first_covered_ms AS first_ms, last_covered_ms AS last_ms,
    namespace, claim, volume, pod, provider_id, storage_class, byte_seconds, cost, cost_adjustment
FROM volume_days FINAL
WHERE {{of_window}}
    AND NOT withdrawn
