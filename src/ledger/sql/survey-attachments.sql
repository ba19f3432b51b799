-- Who told of volumes and of load balancers in this hour, as samples and as facts; and whether the ledger holds any (`ledger`),
-- which must go where nobody tells of them any more. Nothing is carried into an hour that has no word of its own.
SELECT DISTINCT what, source
FROM
(
    SELECT 'volumes' AS what, source
    FROM volume_samples
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
    UNION ALL
    SELECT 'balancers' AS what, source
    FROM balancer_samples
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
    UNION ALL
    SELECT if(kind = 'storage', 'volumes', 'balancers') AS what, source
    FROM hour_facts
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND hour = {hour:DateTime64(3, 'UTC')}
        AND (kind = 'storage' OR (kind IN ('pod', 'container') AND position(amounts, '"lb_cost') > 0))
    UNION ALL
    -- whether its points are of this hour, the scratch table tells
    SELECT if(metric = 'kubecost_load_balancer_cost' OR metric = 'kube_service_status_load_balancer_ingress', 'balancers', 'volumes') AS what, source
    FROM series
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
        AND metric IN (
            'kubecost_load_balancer_cost', 'kube_service_status_load_balancer_ingress',
            'kube_persistentvolumeclaim_info', 'kube_persistentvolume_capacity_bytes')
    UNION ALL
    SELECT 'volumes' AS what, 'ledger' AS source
    FROM volume_hours
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')}) AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
    UNION ALL
    SELECT 'balancers' AS what, 'ledger' AS source
    FROM balancer_hours
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')}) AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
)
