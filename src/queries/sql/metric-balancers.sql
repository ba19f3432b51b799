SELECT
    b.namespace AS namespace, b.service AS service, b.ingress AS ingress, b.run_ms AS run_ms,
    toFloat64(b.cost) AS cost
FROM balancer_hours AS b FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND NOT withdrawn AND b.run_ms > 0
ORDER BY b.namespace, b.service, b.ingress
LIMIT {things_max:UInt32}
