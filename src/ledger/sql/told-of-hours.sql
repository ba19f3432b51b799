-- What was told that bears on some hours of one cluster, by hour, source and the shape it comes in: rows of the hour itself,
-- which of volumes and load balancers it tells of, and the sum of the stamps of arrival of all rows that may have a part in
-- the hour (of the hour before what is held into it, of the one after what counters and mounts show of its end). A row that
-- comes to light later changes that sum, whatever its stamp. Cheap, so that the dear statements are planned only where
-- needed; and one for many hours, because planning it is most of what it costs.
--
-- `bears` are the hours that rows of the hour `own` may have a part in. Counts are of the hour itself, or of each that `bears` where
-- only the day is known (`own` is null). `hours` are those that are asked for, `around` they and their neighbours.
SELECT
    toUnixTimestamp(touched) AS hour_s,
    shape,
    source,
    sumIf(told.containers, ifNull(own, touched) = touched) AS rows,
    sumIf(told.volumes, ifNull(own, touched) = touched) AS volumes,
    sumIf(told.balancers, ifNull(own, touched) = touched) AS balancers,
    toString(sum(told.arrivals)) AS arrivals
FROM
(
    SELECT 'samples' AS shape, source, count() AS containers, 0 AS volumes, 0 AS balancers, sum(cityHash64('container', received_at)) AS arrivals, {{reach}}
    FROM container_samples
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(at) IN {around:Array(DateTime('UTC'))}
    GROUP BY source, own, bears
    UNION ALL
    SELECT 'samples' AS shape, source, 0 AS containers, 0 AS volumes, 0 AS balancers, sum(cityHash64('node', received_at)) AS arrivals, {{reach}}
    FROM node_samples
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(at) IN {around:Array(DateTime('UTC'))}
    GROUP BY source, own, bears
    UNION ALL
    SELECT 'samples' AS shape, source, 0 AS containers, count() AS volumes, 0 AS balancers, sum(cityHash64('volume', received_at)) AS arrivals, {{reach}}
    FROM volume_samples
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(at) IN {around:Array(DateTime('UTC'))}
    GROUP BY source, own, bears
    UNION ALL
    SELECT 'samples' AS shape, source, 0 AS containers, 0 AS volumes, count() AS balancers, sum(cityHash64('balancer', received_at)) AS arrivals, {{reach}}
    FROM balancer_samples
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(at) IN {around:Array(DateTime('UTC'))}
    GROUP BY source, own, bears
    UNION ALL
    SELECT 'points' AS shape, source, count() AS containers, 0 AS volumes, 0 AS balancers, sum(cityHash64('point', received_at)) AS arrivals, {{reach}}
    FROM points
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(at) IN {around:Array(DateTime('UTC'))}
    GROUP BY source, own, bears
    UNION ALL
    -- whether its points are of this hour, the scratch table tells (survey-attachments-of-points.sql)
    SELECT
        'points' AS shape, source, 0 AS containers,
        countIf(metric IN ('kube_persistentvolumeclaim_info', 'kube_persistentvolume_capacity_bytes')) AS volumes,
        countIf(metric IN ('kubecost_load_balancer_cost', 'kube_service_status_load_balancer_ingress')) AS balancers,
        sum(cityHash64('series', received_at)) AS arrivals,
        NULL AS own,
        arrayFilter(asked -> toDate(asked) = day, {hours:Array(DateTime('UTC'))}) AS bears
    FROM series
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day IN arrayMap(asked -> toDate(asked), {hours:Array(DateTime('UTC'))})
    GROUP BY source, day
    UNION ALL
    SELECT
        'facts' AS shape, source,
        countIf(kind IN ('pod', 'container', 'node')) AS containers,
        countIf(kind = 'storage') AS volumes,
        countIf(kind IN ('pod', 'container') AND position(amounts, '"lb_cost') > 0) AS balancers,
        sum(cityHash64('fact', received_at)) AS arrivals,
        toDateTime(f.hour, 'UTC') AS own,
        [own] AS bears
    FROM hour_facts AS f
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND f.hour IN arrayMap(asked -> toDateTime64(asked, 3, 'UTC'), {hours:Array(DateTime('UTC'))})
    GROUP BY source, own
    UNION ALL
    SELECT 'ledger' AS shape, 'ledger' AS source, 0 AS containers, count() AS volumes, 0 AS balancers, 0 AS arrivals, v.hour AS own, [own] AS bears
    FROM volume_hours AS v
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND v.hour IN {hours:Array(DateTime('UTC'))}
        AND day IN arrayMap(asked -> toDate(asked), {hours:Array(DateTime('UTC'))})
    GROUP BY own
    UNION ALL
    SELECT 'ledger' AS shape, 'ledger' AS source, 0 AS containers, 0 AS volumes, count() AS balancers, 0 AS arrivals, b.hour AS own, [own] AS bears
    FROM balancer_hours AS b
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND b.hour IN {hours:Array(DateTime('UTC'))}
        AND day IN arrayMap(asked -> toDate(asked), {hours:Array(DateTime('UTC'))})
    GROUP BY own
) AS told
ARRAY JOIN bears AS touched
WHERE touched IN {hours:Array(DateTime('UTC'))}
GROUP BY touched, shape, source
ORDER BY touched, shape, source
