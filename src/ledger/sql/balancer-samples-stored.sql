-- What one source told of load balancers: the hour's own, and what may still be held into it.
SELECT at, namespace, service, ingress, '' AS balancer, toInt64(toDecimal128(hourly_cost, 12) * 1000000000000) AS price_pico
FROM balancer_samples FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
    AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
    AND at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond({told_hold_ms:UInt32})
