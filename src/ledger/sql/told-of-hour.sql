-- What was told that bears on one hour of one cluster, by source and the shape it comes in: rows of the hour itself, which
-- of volumes and load balancers it tells of, and the sum of the stamps of arrival of all rows that may have a part in the
-- hour (of the hour before what is held into it, of the one after what counters and mounts show of its end). A row that
-- comes to light later changes that sum, whatever its stamp. Cheap, so that the dear statements are planned only where needed.
SELECT shape, source, sum(found.rows) AS rows, sum(found.volumes) AS volumes, sum(found.balancers) AS balancers, toString(sum(found.arrivals)) AS arrivals
FROM
(
    SELECT 'samples' AS shape, source, countIf(toStartOfHour(at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')) AS rows, 0 AS volumes, 0 AS balancers, sum(cityHash64('container', received_at)) AS arrivals
    FROM container_samples
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND {{around}}
    GROUP BY source
    UNION ALL
    SELECT 'samples' AS shape, source, 0 AS rows, 0 AS volumes, 0 AS balancers, sum(cityHash64('node', received_at)) AS arrivals
    FROM node_samples
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND {{around}}
    GROUP BY source
    UNION ALL
    SELECT 'samples' AS shape, source, 0 AS rows, countIf(toStartOfHour(at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')) AS volumes, 0 AS balancers, sum(cityHash64('volume', received_at)) AS arrivals
    FROM volume_samples
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND {{around}}
    GROUP BY source
    UNION ALL
    SELECT 'samples' AS shape, source, 0 AS rows, 0 AS volumes, countIf(toStartOfHour(at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')) AS balancers, sum(cityHash64('balancer', received_at)) AS arrivals
    FROM balancer_samples
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND {{around}}
    GROUP BY source
    UNION ALL
    SELECT 'points' AS shape, source, countIf(toStartOfHour(at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')) AS rows, 0 AS volumes, 0 AS balancers, sum(cityHash64('point', received_at)) AS arrivals
    FROM points
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND {{around}}
    GROUP BY source
    UNION ALL
    -- whether its points are of this hour, the scratch table tells (survey-attachments-of-points.sql)
    SELECT
        'points' AS shape, source, 0 AS rows,
        countIf(metric IN ('kube_persistentvolumeclaim_info', 'kube_persistentvolume_capacity_bytes')) AS volumes,
        countIf(metric IN ('kubecost_load_balancer_cost', 'kube_service_status_load_balancer_ingress')) AS balancers,
        sum(cityHash64('series', received_at)) AS arrivals
    FROM series
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    GROUP BY source
    UNION ALL
    SELECT
        'facts' AS shape, source,
        countIf(kind IN ('pod', 'container', 'node')) AS rows,
        countIf(kind = 'storage') AS volumes,
        countIf(kind IN ('pod', 'container') AND position(amounts, '"lb_cost') > 0) AS balancers,
        sum(cityHash64('fact', received_at)) AS arrivals
    FROM hour_facts
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND hour = {hour:DateTime64(3, 'UTC')}
    GROUP BY source
    UNION ALL
    SELECT 'ledger' AS shape, 'ledger' AS source, 0 AS rows, count() AS volumes, 0 AS balancers, 0 AS arrivals
    FROM volume_hours
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')}) AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
    UNION ALL
    SELECT 'ledger' AS shape, 'ledger' AS source, 0 AS rows, 0 AS volumes, count() AS balancers, 0 AS arrivals
    FROM balancer_hours
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')}) AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
) AS found
GROUP BY shape, source
ORDER BY shape, source
