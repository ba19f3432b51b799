-- Volumes by who mounts them; the sums of a volume stand on each of its rows.
SELECT
    v.namespace AS namespace, v.claim AS claim, v.volume AS volume, v.pod AS pod, v.storage_class AS storage_class, v.provider_id AS provider_id,
    v.covered_ms AS covered_ms,
    toFloat64(v.byte_seconds) AS byte_seconds,
    sum(toFloat64(v.byte_seconds)) OVER volume_parts AS volume_byte_seconds,
    sum(toFloat64(v.cost)) OVER volume_parts AS volume_cost
FROM volume_hours AS v FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND NOT withdrawn AND v.volume != '' AND v.covered_ms > 0
WINDOW volume_parts AS (PARTITION BY v.namespace, v.claim, v.volume)
ORDER BY v.volume, v.namespace, v.claim, v.pod
LIMIT {things_max:UInt32}
