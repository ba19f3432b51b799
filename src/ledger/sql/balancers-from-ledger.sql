-- How long every load balancer of one cluster was there in one hour, from the ledger itself.
SELECT
    namespace, service, ingress,
    toInt64(run_ms) AS run_ms,
    price_basis,
    if(price_basis = 'book', NULL, toInt128(toDecimal128(cost, 12) * 1000000000000)) AS own_pico,
    toInt128(toDecimal128(cost_adjustment, 12) * 1000000000000) AS adjustment_pico,
    source
FROM balancer_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND NOT withdrawn
