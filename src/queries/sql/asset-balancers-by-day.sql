SELECT
    cluster, day, toDateTime(day, 'UTC') AS at, first_hour, last_hour, first_run_ms AS first_ms, last_run_ms AS last_ms, namespace, service,
    ingress, cost, cost_adjustment
FROM balancer_days FINAL
WHERE {{of_window}}
    AND NOT withdrawn
