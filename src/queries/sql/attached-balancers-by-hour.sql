-- What the window's load balancers cost by the hour, but for the days that attached-balancers-by-day.sql reads. Whom a service stands
-- before the ledger does not know.
SELECT
    cluster, hour AS at, hour AS first_at, hour AS last_at, 'balancer' AS what, toUInt64(b.run_ms) AS run_ms,
    '', namespace, '', '', '', '', map(), map(),
    if(service = '', CAST([], 'Array(String)'), splitByChar(',', service)),
    concat(namespace, '/', service), ingress, toInt128(0), cost, cost_adjustment
FROM balancer_hours AS b FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
    AND (day < {day_from:Date} OR day >= {day_to:Date} OR (cluster, day) IN (SELECT arrayJoin(arrayZip({exception_clusters:Array(UUID)}, {exception_days:Array(Date)}))))
    AND NOT withdrawn
