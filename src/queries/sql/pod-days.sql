-- What labelled pods used of their nodes, by day. Effective is the greater of usage and request, hour by hour; the fraction is
-- of the node's own core-seconds in that hour, and 0 where nobody told them.
SELECT
    toString(date) AS date, cluster, namespace, pod, component, max_fraction, core_seconds, hours, count() OVER () AS all_rows
FROM
(
    SELECT
        toDate(at) AS date, cluster, namespace, pod,
        argMax(used.component, at) AS component,
        max(if(capacity_ucs > 0, effective_ucs / capacity_ucs, 0)) AS max_fraction,
        sum(effective_ucs) / 1000000 AS core_seconds,
        uniqExact(at) AS hours
    FROM
    (
        SELECT
            cluster, node, toDateTime(hour, 'UTC') AS at, namespace, pod,
            CAST(JSONExtractKeysAndValues(labels, 'String'), 'Map(String, String)') AS label_map,
            arrayFirst(key -> mapContains(label_map, key), {label_keys:Array(String)}) AS label_key,
            label_map[label_key] AS component,
            greatest(JSONExtractInt(amounts, 'cpu_usage_ucs'), JSONExtractInt(amounts, 'cpu_request_ucs')) AS effective_ucs
        FROM hour_facts FINAL
        WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND source = 'koku' AND kind = 'pod'
            AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
            AND ({namespace:String} = '' OR positionCaseInsensitiveUTF8(namespace, {namespace:String}) > 0)
            AND ({pod_name:String} = '' OR positionCaseInsensitiveUTF8(pod, {pod_name:String}) > 0)
            AND label_key != ''
    ) AS used
    LEFT JOIN
    (
        SELECT
            cluster, node, toDateTime(hour, 'UTC') AS at,
            max(if(JSONHas(amounts, 'cpu_capacity_ucs'), JSONExtractInt(amounts, 'cpu_capacity_ucs'),
                JSONExtractInt(amounts, 'cpu_capacity_ucores') * 3600)) AS capacity_ucs
        FROM hour_facts FINAL
        WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND source = 'koku' AND kind = 'node'
            AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
        GROUP BY cluster, node, at
    ) AS offered USING (cluster, node, at)
    GROUP BY date, cluster, namespace, pod
)
WHERE {component:String} = '' OR positionCaseInsensitiveUTF8(component, {component:String}) > 0
ORDER BY date, cluster, namespace, pod
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
