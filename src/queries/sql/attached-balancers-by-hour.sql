-- What the window's load balancers cost by the hour, but for the days that attached-balancers-by-day.sql reads. Whom a service stands
-- before the ledger does not know.
SELECT
    cluster, hour AS at, hour AS first_at, hour AS last_at, 'balancer' AS what, toUInt64(b.run_ms) AS run_ms,
    '', namespace, '', '', '', '', map(), map(),
    if(service = '', CAST([], 'Array(String)'), splitByChar(',', service)),
    concat(namespace, '/', service), ingress, toInt128(0), cost, cost_adjustment
FROM balancer_hours AS b FINAL
WHERE {{of_window}}
    AND NOT withdrawn
