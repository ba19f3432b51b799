-- What sources said of the pods of a page in its hours.
SELECT
    toUnixTimestamp64Milli(s.at) AS at_ms, toUnixTimestamp64Milli(s.received_at) AS received_ms, s.source AS told_by,
    toString(s.cluster) AS cluster_id, s.node AS node_name, s.namespace AS namespace_name, s.pod AS pod_name, s.container AS container_name,
    map(
        'phase', toString(s.phase),
        'cpu_usage_nanocores', toString(s.cpu_usage), 'cpu_request_nanocores', toString(s.cpu_request),
        'memory_usage_bytes', toString(s.memory_usage), 'memory_request_bytes', toString(s.memory_request),
        'gpu_usage_nanogpus', toString(s.gpu_usage), 'gpu_request_nanogpus', toString(s.gpu_request),
        'network_received_bytes', toString(s.network_received), 'network_sent_bytes', toString(s.network_sent)) AS told,
    count() OVER () AS row_count,
    toUnixTimestamp64Milli(min(s.at) OVER ()) AS first_ms,
    toUnixTimestamp64Milli(max(s.at) OVER ()) AS last_ms
FROM container_samples AS s FINAL
WHERE s.tenant = {tenant:UUID} AND s.cluster IN {page_clusters:Array(UUID)}
    AND toStartOfHour(s.at) IN {page_hours:Array(DateTime('UTC'))}
    AND (s.cluster, s.namespace, s.pod) IN
        (SELECT arrayJoin(arrayZip({pod_clusters:Array(UUID)}, {pod_namespaces:Array(String)}, {pod_names:Array(String)})))
    AND s.at >= {start:DateTime64(3, 'UTC')} AND s.at < {end:DateTime64(3, 'UTC')}
ORDER BY s.at, s.source, s.cluster, s.namespace, s.pod, s.container
LIMIT {samples_max:UInt32}
