-- What the window's load balancers cost on whole days, for what grain.ts lets be read so.
SELECT
    cluster, toDateTime(day, 'UTC') AS at, first_hour AS first_at, last_hour AS last_at, 'balancer' AS what, run_ms,
    '', namespace, '', '', '', '', map(), map(),
    if(service = '', CAST([], 'Array(String)'), splitByChar(',', service)),
    concat(namespace, '/', service), ingress, toInt128(0), cost, cost_adjustment
FROM balancer_days FINAL
WHERE {{of_window}}
    AND NOT withdrawn
