-- What the Kubernetes API told of nodes beside the source of record: sizes, places, instance types.
SELECT at, digest, node, provider_id, instance_type, region, zone, spot, cpu_capacity, memory_capacity, gpu_capacity, hourly_cost, labels, true AS by_api
FROM node_samples
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = 'kubernetes'
    AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
    AND at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond(greatest({hold_ms:UInt32}, {asked_hold_ms:UInt32}))
