SELECT
    cluster, day, hour AS at, hour AS first_hour, hour AS last_hour, run_ms AS first_ms, run_ms AS last_ms, namespace, service, ingress,
    toDecimal128(b.cost, 12) AS cost, toDecimal128(b.cost_adjustment, 12) AS cost_adjustment
FROM balancer_hours AS b FINAL
WHERE {{of_window}}
    AND NOT withdrawn
