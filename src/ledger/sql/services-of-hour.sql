-- The same of services, whose selectors OpenCost tells, with `label_` before the names of their labels.
INSERT INTO service_days (tenant, cluster, day, namespace, service, source, at, selector)
SELECT
    {tenant:UUID} AS tenant, {cluster:UUID} AS cluster, toDate({hour:DateTime64(3, 'UTC')}) AS day,
    f.of_namespace AS namespace, JSONExtractString(f.texts, 'service') AS service, f.source AS source,
    max(f.last_at) AS at,
    toJSONString(argMax(mapApply((k, v) -> (replaceRegexpOne(k, '^label_', ''), v), mapFilter((k, v) -> startsWith(k, 'label_'), JSONExtract(f.texts, 'Map(String, String)'))), (f.last_at, f.id))) AS selector
FROM
(
    {{series_seen}}
) AS f
GROUP BY f.of_namespace, service, f.source
