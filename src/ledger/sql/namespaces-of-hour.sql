-- What points and hour facts tell of the hour's namespaces, into the rows of its day: the last word of the hour. A row says when
-- that was, so that in whatever order hours are computed, the day's last word stays. kube-state-metrics tells labels and
-- annotations by a series each, their names with `label_` and `annotation_` before them; others tell labels alone.
INSERT INTO namespace_days (tenant, cluster, day, namespace, source, at, labels, annotations)
SELECT
    {tenant:UUID} AS tenant, {cluster:UUID} AS cluster, toDate({hour:DateTime64(3, 'UTC')}) AS day,
    f.namespace AS namespace, f.source AS source,
    max(f.last_at) AS at,
    toJSONString(argMaxIf(mapApply((k, v) -> (replaceRegexpOne(k, '^label_', ''), v), f.texts), (f.last_at, f.id), NOT f.of_annotations)) AS labels,
    toJSONString(argMaxIf(mapApply((k, v) -> (replaceRegexpOne(k, '^annotation_', ''), v), f.texts), (f.last_at, f.id), f.of_annotations)) AS annotations
FROM
(
    SELECT
        source, of_namespace AS namespace, of_metric = 'kube_namespace_annotations' AS of_annotations, id,
        mapFilter((k, v) -> match(k, '^(label|annotation)_'), JSONExtract(texts, 'Map(String, String)')) AS texts,
        last_at
    FROM
    (
        {{series_seen}}
    )
    UNION ALL
    SELECT source, namespace, false, 0, JSONExtract(labels, 'Map(String, String)'), hour
    FROM hour_facts FINAL
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND kind = 'namespace' AND hour = {hour:DateTime64(3, 'UTC')}
) AS f
GROUP BY f.namespace, f.source
