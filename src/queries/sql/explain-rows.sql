-- One page of the ledger rows that a filter lets through, whole.
SELECT
    toString(l.cluster) AS cluster_id, toUnixTimestamp(l.at) AS hour_s, l.node AS node_name, l.namespace AS namespace_name,
    l.pod AS pod_name, l.pod_uid AS uid, l.container AS container_name, l.controller_kind AS owner_kind, l.controller AS owner,
    l.run_ms AS run, l.price_version AS priced_with, l.source AS told_by,
    toString(l.cpu_core_seconds) AS cpu_held, toString(l.cpu_request_core_seconds) AS cpu_requested, toString(l.cpu_usage_core_seconds) AS cpu_used,
    toString(l.ram_byte_seconds) AS ram_held, toString(l.ram_request_byte_seconds) AS ram_requested, toString(l.ram_usage_byte_seconds) AS ram_used,
    toString(l.gpu_seconds) AS gpu_held, toString(l.gpu_request_seconds) AS gpu_requested, toString(l.gpu_usage_seconds) AS gpu_used,
    toString(l.cpu_cost) AS cpu, toString(l.ram_cost) AS ram, toString(l.gpu_cost) AS gpu,
    toString(l.network_cross_zone_cost + l.network_cross_region_cost + l.network_internet_cost) AS network,
    toString(l.external_cost) AS external,
    toString(l.cpu_cost_adjustment + l.ram_cost_adjustment + l.gpu_cost_adjustment + l.network_cost_adjustment) AS adjustment
FROM ({{leaves}}) AS l
{{joins}}
WHERE {{asked}}
ORDER BY l.at, l.cluster, l.node, l.namespace, l.pod, l.pod_uid, l.container
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
