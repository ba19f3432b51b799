-- What hour-grain sources stated of the pods and nodes of a page in its hours.
SELECT
    toUnixTimestamp64Milli(f.hour) AS at_ms, toUnixTimestamp64Milli(f.received_at) AS received_ms, f.source AS told_by,
    toString(f.cluster) AS cluster_id, f.node AS node_name, f.namespace AS namespace_name, f.pod AS pod_name, f.container AS container_name,
    mapUpdate(CAST(JSONExtractKeysAndValuesRaw(f.amounts), 'Map(String, Nullable(String))'), map('kind', toNullable(toString(f.kind)))) AS told,
    count() OVER () AS row_count,
    toUnixTimestamp64Milli(min(f.hour) OVER ()) AS first_ms,
    toUnixTimestamp64Milli(max(f.hour) OVER ()) AS last_ms
FROM hour_facts AS f FINAL
WHERE f.tenant = {tenant:UUID} AND f.cluster IN {page_clusters:Array(UUID)} AND f.hour IN {page_hours:Array(DateTime('UTC'))}
    AND ((f.cluster, f.namespace, f.pod) IN
            (SELECT arrayJoin(arrayZip({pod_clusters:Array(UUID)}, {pod_namespaces:Array(String)}, {pod_names:Array(String)})))
        OR (f.kind = 'node' AND f.node IN {page_nodes:Array(String)}))
    AND f.hour >= {start:DateTime64(3, 'UTC')} AND f.hour < {end:DateTime64(3, 'UTC')}
ORDER BY f.hour, f.source, f.kind, f.cluster, f.node, f.namespace, f.pod, f.container
LIMIT {samples_max:UInt32}
