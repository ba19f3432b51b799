-- Cuts of what clusters pay for beside their nodes, like those of allocations.sql: by what it is too, and by which volume or
-- balancer where that is asked.
SELECT
    set_s, toString(cluster) AS cluster, what, part, {{keys}} AS keys, {{thing}} AS name,
    {{common}},
    {{labels}} AS labels,
    {{annotations}} AS annotations,
    toUnixTimestamp(min(first_at)) AS first_s,
    toUnixTimestamp(max(last_at)) AS last_s,
    max(address) AS address,
    toFloat64(sum(c.run_ms)) AS run_ms,
    toFloat64(sum(c.byte_seconds)) AS byte_seconds,
    toString({{sum c.cost}}) AS cost,
    toString({{sum c.cost_adjustment}}) AS cost_adjustment
FROM
(
    SELECT
        *,
        '' AS provider_id, '' AS zone, '' AS region, '' AS instance_type, CAST(map(), 'Map(String, String)') AS node_labels,
        toUInt32(roundDown(toUnixTimestamp(at), {set_starts:Array(UInt32)})) AS set_s,
        lower(controller_kind) AS kind_of_controller,
        if(what = 'management', 'management', 'allocation') AS kind,
        multiIf(kind = 'allocation' AND {{shared}}, 'shared', {{asked}}, 'asked', 'other') AS part,
        {{key_values}}
    FROM ({{leaves}}) AS l
    {{joins}}
) AS c
GROUP BY set_s, cluster, what, kind, part, {{key_names}}, name
LIMIT {rows_max:UInt32}
