-- One page of what is paid for beside nodes.
SELECT
    toString(l.cluster) AS cluster_id, toUnixTimestamp(l.at) AS hour_s, l.what AS kind, l.namespace AS namespace_name, l.pod AS pod_name,
    l.name AS thing, l.class AS storage_class, l.run_ms AS run, toString(l.held) AS byte_seconds, toString(l.whole_held) AS whole_byte_seconds,
    toString(l.paid) AS cost, toString(l.whole_paid) AS whole_cost, toString(l.adjustment) AS corrected, l.basis AS price_basis,
    l.priced_with AS price_version, l.told_by AS record
FROM
(
    SELECT *, '' AS provider_id, '' AS zone, '' AS region, '' AS instance_type, CAST(map(), 'Map(String, String)') AS node_labels
    FROM ({{leaves}}) AS l
    {{joins}}
) AS l
WHERE {{asked}}
ORDER BY l.at, l.cluster, l.what, l.namespace, l.name, l.pod
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
