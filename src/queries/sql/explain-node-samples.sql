-- What sources said of the nodes of a page in its hours.
SELECT
    toUnixTimestamp64Milli(s.at) AS at_ms, toUnixTimestamp64Milli(s.received_at) AS received_ms, s.source AS told_by,
    toString(s.cluster) AS cluster_id, s.node AS node_name, '' AS namespace_name, '' AS pod_name, '' AS container_name,
    map(
        'cpu_capacity_nanocores', toString(s.cpu_capacity), 'memory_capacity_bytes', toString(s.memory_capacity),
        'gpu_capacity_nanogpus', toString(s.gpu_capacity), 'hourly_cost_usd', toString(s.hourly_cost)) AS told,
    count() OVER () AS row_count,
    toUnixTimestamp64Milli(min(s.at) OVER ()) AS first_ms,
    toUnixTimestamp64Milli(max(s.at) OVER ()) AS last_ms
FROM node_samples AS s FINAL
WHERE s.tenant = {tenant:UUID} AND s.cluster IN {page_clusters:Array(UUID)} AND s.node IN {page_nodes:Array(String)}
    AND toStartOfHour(s.at) IN {page_hours:Array(DateTime('UTC'))}
    AND s.at >= {start:DateTime64(3, 'UTC')} AND s.at < {end:DateTime64(3, 'UTC')}
ORDER BY s.at, s.source, s.cluster, s.node
LIMIT {samples_max:UInt32}
