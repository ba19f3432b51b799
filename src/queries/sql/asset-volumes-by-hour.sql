SELECT
    cluster, day, hour AS at, hour AS first_hour, hour AS last_hour, v.covered_ms AS first_ms, v.covered_ms AS last_ms,
    namespace, claim, volume, pod, provider_id, storage_class,
    toInt128(v.byte_seconds) AS byte_seconds, toDecimal128(v.cost, 12) AS cost, toDecimal128(v.cost_adjustment, 12) AS cost_adjustment
FROM volume_hours AS v FINAL
WHERE {{of_window}}
    AND NOT withdrawn
