-- Containers of the hour; of pods that had one name one after another, the sum, under the uid of the last that sorts.
SELECT
    c.namespace AS namespace, c.pod AS pod, c.container AS container, c.node AS node,
    max(c.pod_uid) AS pod_uid,
    any(c.controller_kind) AS controller_kind,
    any(c.controller) AS controller,
    any(CAST(c.labels, 'Map(String, String)')) AS labels,
    toFloat64(sum(c.cpu_core_seconds)) AS core_seconds,
    toFloat64(sum(c.ram_byte_seconds)) AS byte_seconds,
    toFloat64(sum(c.gpu_seconds)) AS gpu_seconds,
    toFloat64(sum(c.cpu_request_core_seconds)) AS request_core_seconds,
    toFloat64(sum(c.ram_request_byte_seconds)) AS request_byte_seconds
FROM container_hours AS c FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND NOT withdrawn AND c.namespace NOT IN ('__idle__', '__overcommit__')
GROUP BY c.namespace, c.pod, c.container, c.node
ORDER BY c.namespace, c.pod, c.container, c.node
LIMIT {things_max:UInt32}
