-- One day of one cluster's volumes, from its hours alone.
INSERT INTO volume_days
(
    tenant, cluster, day, namespace, claim, volume, pod, digest, node, container, controller_kind, controller, labels, annotations,
    storage_class, provider_id, first_hour, last_hour, first_covered_ms, last_covered_ms, covered_ms, byte_seconds, cost, cost_adjustment,
    withdrawn, version
)
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    {day:Date} AS day,
    v.namespace, v.claim, v.volume, v.pod,
    cityHash64(
        v.node, v.container, v.controller_kind, v.controller, mapKeys(mapSort(v.labels)), mapValues(mapSort(v.labels)),
        mapKeys(mapSort(v.annotations)), mapValues(mapSort(v.annotations)), v.storage_class, v.provider_id) AS digest,
    any(v.node) AS node,
    any(v.container) AS container,
    any(v.controller_kind) AS controller_kind,
    any(v.controller) AS controller,
    any(v.labels) AS labels,
    any(v.annotations) AS annotations,
    any(v.storage_class) AS storage_class,
    any(v.provider_id) AS provider_id,
    min(v.hour) AS first_hour,
    max(v.hour) AS last_hour,
    argMin(v.covered_ms, v.hour) AS first_covered_ms,
    argMax(v.covered_ms, v.hour) AS last_covered_ms,
    sum(v.covered_ms) AS covered_ms,
    sum(toInt128(v.byte_seconds)) AS byte_seconds,
    sum(v.cost) AS cost,
    sum(v.cost_adjustment) AS cost_adjustment,
    false AS withdrawn,
    {version:UInt64} AS version
FROM volume_hours AS v FINAL
WHERE v.tenant = {tenant:UUID} AND v.cluster = {cluster:UUID} AND v.day = {day:Date} AND NOT v.withdrawn
GROUP BY v.namespace, v.claim, v.volume, v.pod, digest
UNION ALL
SELECT
    tenant, cluster, day, namespace, claim, volume, pod, digest, '', '', '', '', map(), map(), '', '', 0, 0, 0, 0, 0, 0, 0, 0, true, {version:UInt64} - 1
FROM volume_days
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = {day:Date}
GROUP BY tenant, cluster, day, namespace, claim, volume, pod, digest
