-- Cuts of the ledger by set, place and keys, each cost exact. `part` says what the filter lets through, what is shared, and the
-- rest, of which only the sum is told (its keys too, where shared costs are split evenly). Keys are grouped by as columns of
-- their own and become a list afterwards: lists are three times as dear to group by.
SELECT
    set_s, toString(cluster) AS cluster, place, kind, part, {{keys}} AS keys,
    {{common}},
    {{labels}} AS labels,
    {{annotations}} AS annotations,
    toUnixTimestamp(min(at)) AS first_s,
    toUnixTimestamp(max(at)) AS last_s,
    {{ran}},
    {{cpu_peak}} AS cpu_peak_millicores,
    {{ram_peak}} AS ram_peak_bytes,
    toFloat64(sum(c.cpu_core_seconds)) AS cpu_core_seconds,
    toFloat64(sum(c.cpu_request_core_seconds)) AS cpu_request_core_seconds,
    toFloat64(sum(c.cpu_usage_core_seconds)) AS cpu_usage_core_seconds,
    toFloat64(sum(c.ram_byte_seconds)) AS ram_byte_seconds,
    toFloat64(sum(c.ram_request_byte_seconds)) AS ram_request_byte_seconds,
    toFloat64(sum(c.ram_usage_byte_seconds)) AS ram_usage_byte_seconds,
    toFloat64(sum(c.gpu_seconds)) AS gpu_seconds,
    toFloat64(sum(c.gpu_request_seconds)) AS gpu_request_seconds,
    toFloat64(sum(c.gpu_usage_seconds)) AS gpu_usage_seconds,
    toFloat64(sum(c.network_received_bytes)) AS network_received_bytes,
    toFloat64(sum(c.network_sent_bytes)) AS network_sent_bytes,
    toString({{sum c.cpu_cost}}) AS cpu_cost,
    toString({{sum c.ram_cost}}) AS ram_cost,
    toString({{sum c.gpu_cost}}) AS gpu_cost,
    toString({{sum c.network_cross_zone_cost}}) AS network_cross_zone_cost,
    toString({{sum c.network_cross_region_cost}}) AS network_cross_region_cost,
    toString({{sum c.network_internet_cost}}) AS network_internet_cost,
    toString({{sum c.external_cost}}) AS external_cost,
    toString({{sum c.cpu_cost_adjustment}}) AS cpu_cost_adjustment,
    toString({{sum c.ram_cost_adjustment}}) AS ram_cost_adjustment,
    toString({{sum c.gpu_cost_adjustment}}) AS gpu_cost_adjustment,
    toString({{sum c.network_cost_adjustment}}) AS network_cost_adjustment
FROM
(
{{cut_rows}}
) AS c
GROUP BY set_s, cluster, place, kind, part, {{key_names}}
LIMIT {rows_max:UInt32}
