-- One day of one cluster by workload, from its hours alone. `pods` counts distinct pods over any number of days.
INSERT INTO workload_days
(
    tenant, cluster, day, namespace, controller_kind, controller, labels, labels_digest, cpu_core_seconds, ram_byte_seconds,
    cpu_usage_core_seconds, ram_usage_byte_seconds, cpu_request_core_seconds, ram_request_byte_seconds, gpu_seconds, gpu_usage_seconds,
    gpu_request_seconds, network_received_bytes, network_sent_bytes, cpu_cost, ram_cost, gpu_cost, network_cross_zone_cost,
    network_cross_region_cost, network_internet_cost, external_cost, cpu_cost_adjustment, ram_cost_adjustment, gpu_cost_adjustment,
    network_cost_adjustment, pods, withdrawn, version
)
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    {day:Date} AS day,
    h.namespace, h.controller_kind, h.controller, any(h.labels) AS labels,
    cityHash64(mapKeys(mapSort(h.labels)), mapValues(mapSort(h.labels))) AS labels_digest,
    sum(h.cpu_core_seconds) AS cpu_core_seconds,
    sum(toInt128(h.ram_byte_seconds)) AS ram_byte_seconds,
    sum(h.cpu_usage_core_seconds) AS cpu_usage_core_seconds,
    sum(toInt128(h.ram_usage_byte_seconds)) AS ram_usage_byte_seconds,
    sum(h.cpu_request_core_seconds) AS cpu_request_core_seconds,
    sum(toInt128(h.ram_request_byte_seconds)) AS ram_request_byte_seconds,
    sum(h.gpu_seconds) AS gpu_seconds,
    sum(h.gpu_usage_seconds) AS gpu_usage_seconds,
    sum(h.gpu_request_seconds) AS gpu_request_seconds,
    sum(h.network_received_bytes) AS network_received_bytes,
    sum(h.network_sent_bytes) AS network_sent_bytes,
    sum(h.cpu_cost) AS cpu_cost,
    sum(h.ram_cost) AS ram_cost,
    sum(h.gpu_cost) AS gpu_cost,
    sum(h.network_cross_zone_cost) AS network_cross_zone_cost,
    sum(h.network_cross_region_cost) AS network_cross_region_cost,
    sum(h.network_internet_cost) AS network_internet_cost,
    sum(h.external_cost) AS external_cost,
    sum(h.cpu_cost_adjustment) AS cpu_cost_adjustment,
    sum(h.ram_cost_adjustment) AS ram_cost_adjustment,
    sum(h.gpu_cost_adjustment) AS gpu_cost_adjustment,
    sum(h.network_cost_adjustment) AS network_cost_adjustment,
    uniqExactStateIf(cityHash64(h.cluster, h.namespace, h.pod, h.pod_uid), h.pod != '') AS pods,
    false AS withdrawn,
    {version:UInt64} AS version
FROM container_hours AS h FINAL
WHERE h.tenant = {tenant:UUID} AND h.cluster = {cluster:UUID} AND h.day = {day:Date} AND NOT h.withdrawn
GROUP BY h.namespace, h.controller_kind, h.controller, labels_digest
UNION ALL
SELECT
    tenant, cluster, day, namespace, controller_kind, controller, map(), labels_digest,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    uniqExactStateIf(toUInt64(0), false), true, {version:UInt64} - 1
FROM workload_days
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = {day:Date}
GROUP BY tenant, cluster, day, namespace, controller_kind, controller, labels_digest
