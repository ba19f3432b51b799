SELECT
    cluster, day, hour AS at, hour AS first_hour, hour AS last_hour, run_ms AS first_ms, run_ms AS last_ms, namespace, service, ingress,
    toDecimal128(b.cost, 12) AS cost, toDecimal128(b.cost_adjustment, 12) AS cost_adjustment
FROM balancer_hours AS b FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
    AND (day < {day_from:Date} OR day >= {day_to:Date} OR (cluster, day) IN (SELECT arrayJoin(arrayZip({exception_clusters:Array(UUID)}, {exception_days:Array(Date)}))))
    AND NOT withdrawn
