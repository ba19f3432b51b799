-- One day of one cluster's load balancers, from its hours alone.
INSERT INTO balancer_days
(
    tenant, cluster, day, namespace, service, ingress, first_hour, last_hour, first_run_ms, last_run_ms, run_ms, cost, cost_adjustment,
    withdrawn, version
)
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    {day:Date} AS day,
    b.namespace, b.service, b.ingress,
    min(b.hour) AS first_hour,
    max(b.hour) AS last_hour,
    argMin(b.run_ms, b.hour) AS first_run_ms,
    argMax(b.run_ms, b.hour) AS last_run_ms,
    sum(b.run_ms) AS run_ms,
    sum(b.cost) AS cost,
    sum(b.cost_adjustment) AS cost_adjustment,
    false AS withdrawn,
    {version:UInt64} AS version
FROM balancer_hours AS b FINAL
WHERE b.tenant = {tenant:UUID} AND b.cluster = {cluster:UUID} AND b.day = {day:Date} AND NOT b.withdrawn
GROUP BY b.namespace, b.service, b.ingress
UNION ALL
SELECT
    tenant, cluster, day, namespace, service, ingress, 0, 0, 0, 0, 0, 0, 0, true, {version:UInt64} - 1
FROM balancer_days
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = {day:Date}
GROUP BY tenant, cluster, day, namespace, service, ingress
