-- The same of services, whose selectors OpenCost tells, with `label_` before the names of their labels.
INSERT INTO service_days (tenant, cluster, day, namespace, service, source, at, selector)
SELECT
    {tenant:UUID} AS tenant, {cluster:UUID} AS cluster, toDate({hour:DateTime64(3, 'UTC')}) AS day,
    told.of_namespace AS namespace, JSONExtractString(told.texts, 'service') AS service, told.source AS source,
    max(seen.last_at) AS at,
    toJSONString(argMax(mapApply((k, v) -> (replaceRegexpOne(k, '^label_', ''), v), mapFilter((k, v) -> startsWith(k, 'label_'), JSONExtract(told.texts, 'Map(String, String)'))), (seen.last_at, told.id))) AS selector
FROM
(
    SELECT source, id, any(s.namespace) AS of_namespace, any(s.labels) AS texts
    FROM series AS s
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
        AND metric = 'service_selector_labels' AND s.namespace != ''
    GROUP BY source, id
) AS told
INNER JOIN
(
    SELECT source, id, max(p.at) AS last_at
    FROM points AS p
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(p.at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
        AND id IN (
            SELECT id
            FROM series
            WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')}) AND metric = 'service_selector_labels')
    GROUP BY source, id
) AS seen ON told.source = seen.source AND told.id = seen.id
GROUP BY told.of_namespace, service, told.source
