-- Samples of one source, as they were told: the hour's own, and what may still be held into it. Of one part of all pods.
SELECT
    at, digest, namespace, pod, pod_uid, container, node, cpu_usage, memory_usage, cpu_request, memory_request, phase,
    started_at, ended_at, network_received, network_sent, controller_kind, controller, labels, annotations, false AS by_api,
    gpu_usage, gpu_request, network_zone_sent, network_region_sent, network_internet_sent
FROM container_samples
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
    AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
    AND at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond(greatest({hold_ms:UInt32}, {asked_hold_ms:UInt32}))
    AND ({parts:UInt32} = 1 OR cityHash64(namespace, pod) % {parts:UInt32} = {part:UInt32})
