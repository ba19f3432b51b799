-- Points of Prometheus series of the pods of a page in its hours.
SELECT
    toUnixTimestamp64Milli(p.at) AS at_ms, toUnixTimestamp64Milli(p.received_at) AS received_ms, p.source AS told_by,
    toString(p.cluster) AS cluster_id, s.node AS node_name, s.namespace AS namespace_name, s.pod AS pod_name, s.container AS container_name,
    CAST(map('metric', toString(s.metric), 'value', toString(p.value)), 'Map(String, Nullable(String))') AS told,
    count() OVER () AS row_count,
    toUnixTimestamp64Milli(min(p.at) OVER ()) AS first_ms,
    toUnixTimestamp64Milli(max(p.at) OVER ()) AS last_ms
FROM points AS p FINAL
INNER JOIN
(
    SELECT
        x.cluster AS cluster, x.source AS source, x.id AS id, any(x.metric) AS metric, any(x.namespace) AS namespace,
        any(x.pod) AS pod, any(x.container) AS container, any(x.node) AS node
    FROM series AS x
    WHERE x.tenant = {tenant:UUID} AND x.cluster IN {page_clusters:Array(UUID)}
        AND x.day >= toDate({start:DateTime64(3, 'UTC')}) AND x.day <= toDate({end:DateTime64(3, 'UTC')})
        AND (x.cluster, x.namespace, x.pod) IN
            (SELECT arrayJoin(arrayZip({pod_clusters:Array(UUID)}, {pod_namespaces:Array(String)}, {pod_names:Array(String)})))
    GROUP BY x.cluster, x.source, x.id
) AS s ON p.cluster = s.cluster AND p.source = s.source AND p.id = s.id
WHERE p.tenant = {tenant:UUID} AND p.cluster IN {page_clusters:Array(UUID)} AND toStartOfHour(p.at) IN {page_hours:Array(DateTime('UTC'))}
    AND p.at >= {start:DateTime64(3, 'UTC')} AND p.at < {end:DateTime64(3, 'UTC')}
ORDER BY p.at, p.source, s.metric, s.namespace, s.pod, s.container
LIMIT {samples_max:UInt32}
