-- Hours of one cluster by workload, from its containers alone: summed by the hour, or over a day.
INSERT INTO {{table}}
(
    {{key}}, labels, cpu_core_seconds, ram_byte_seconds,
    cpu_usage_core_seconds, ram_usage_byte_seconds, cpu_request_core_seconds, ram_request_byte_seconds, gpu_seconds, gpu_usage_seconds,
    gpu_request_seconds, network_received_bytes, network_sent_bytes, cpu_cost, ram_cost, gpu_cost, network_cross_zone_cost,
    network_cross_region_cost, network_internet_cost, external_cost, cpu_cost_adjustment, ram_cost_adjustment, gpu_cost_adjustment,
    network_cost_adjustment, {{pods}} withdrawn, version
)
SELECT
    {{key}},
    any(h.labels) AS labels,
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
    {{count_pods}}
    false AS withdrawn,
    {version:UInt64} AS version
FROM
(
    SELECT *, cityHash64(mapKeys(mapSort(labels)), mapValues(mapSort(labels))) AS labels_digest
    FROM container_hours FINAL
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND {{of_period}} AND NOT withdrawn
) AS h
GROUP BY {{key}}
UNION ALL
-- every row that there was before, withdrawn at a lesser version: where it is still there, the row above wins
SELECT
    {{key}}, map(),
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    {{no_pods}} true, {version:UInt64} - 1
FROM {{table}}
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND {{of_period}}
GROUP BY {{key}}
