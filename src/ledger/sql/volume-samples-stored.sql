-- What one source told of volumes: the hour's own, and what may still be held into it. They are few: of two rows about one
-- claim and instant that contradict each other FINAL keeps one, always the same.
SELECT at, namespace, claim, volume, storage_class, provider_id, capacity, request, CAST(NULL AS Nullable(Int64)) AS rate_pico
FROM volume_samples FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
    AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
    AND at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond({told_hold_ms:UInt32})
