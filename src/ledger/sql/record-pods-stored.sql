SELECT namespace, pod, max(container = '') AS whole, max(pod_uid = '') AS nameless
FROM container_samples
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
    AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
    AND at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond(greatest({hold_ms:UInt32}, {asked_hold_ms:UInt32}))
    AND ({parts:UInt32} = 1 OR cityHash64(namespace, pod) % {parts:UInt32} = {part:UInt32})
GROUP BY namespace, pod
