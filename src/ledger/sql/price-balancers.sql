-- One hour of every load balancer of one cluster, priced: at the book's rate for as long as it was there, or what its source says
-- that it cost. `parts` is one of balancers-from-*.sql.
INSERT INTO balancer_hours
(
    tenant, cluster, day, namespace, service, ingress, hour, run_ms, cost, cost_adjustment, price_basis, price_version, source, withdrawn, version
)
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    toDate({hour:DateTime64(3, 'UTC')}) AS day,
    p.namespace, p.service, p.ingress,
    toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AS hour,
    toUInt32(p.run_ms) AS run_ms,
    CAST(toDecimal128(ifNull(p.own_pico, intDiv(toInt128(p.run_ms) * {balancer_rate:Int64}, 3600000)), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cost,
    CAST(toDecimal128(p.adjustment_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cost_adjustment,
    p.price_basis,
    if(p.price_basis = 'stated', 'stated', {price_version:String}) AS price_version,
    p.source,
    false AS withdrawn,
    {version:UInt64} AS version
FROM
(
    {{parts}}
) AS p
UNION ALL
-- every row that an earlier version of this hour held, withdrawn at a lesser version: where it is still there, the row above wins
SELECT
    tenant, cluster, day, namespace, service, ingress, hour, 0, 0, 0, 'book', {price_version:String}, '', true, {version:UInt64} - 1
FROM balancer_hours
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
GROUP BY tenant, cluster, day, namespace, service, ingress, hour
