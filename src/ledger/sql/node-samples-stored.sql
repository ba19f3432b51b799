-- What one source told of nodes: the hour's own, and what may still be held into it.
SELECT at, digest, node, provider_id, instance_type, region, zone, spot, cpu_capacity, memory_capacity, gpu_capacity, hourly_cost, labels, false AS by_api
FROM node_samples
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
    AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
    AND at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond({hold_ms:UInt32})
