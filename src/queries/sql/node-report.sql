-- What subscriptions are counted by: whole cores times hours, and the most cores that stood at once, by group and step.
SELECT
    if({by_day:Bool}, toString(date), NULL) AS day,
    group_cluster, group_type, group_label,
    sum(hour_cores) AS vcpu_hours,
    max(hour_cores) AS peak_vcpus,
    toUnixTimestamp(argMin(at, (-toInt64(hour_cores), at))) AS peak_s,
    sum(hour_nodes) AS node_hours,
    max(hour_nodes) AS peak_nodes,
    uniqExactArray(nodes) AS node_count,
    sum(sum(hour_cores)) OVER () AS all_vcpu_hours,
    sum(sum(hour_nodes)) OVER () AS all_node_hours,
    count() OVER () AS all_rows
FROM
(
    SELECT
        if({by_day:Bool}, toDate(at), toDate(0)) AS date, at,
        if(has({group_by:Array(String)}, 'cluster'), toString(cluster), '') AS group_cluster,
        if(has({group_by:Array(String)}, 'node_type'), type, '') AS group_type,
        label_map[arrayFirst(key -> mapContains(label_map, key), {label_keys:Array(String)})] AS group_label,
        sum(cores) AS hour_cores,
        uniqExact(cluster, node) AS hour_nodes,
        groupUniqArray((cluster, node)) AS nodes
    FROM ({{node_hours_seen}}) AS seen
    GROUP BY date, at, group_cluster, group_type, group_label
)
GROUP BY date, group_cluster, group_type, group_label
ORDER BY date, group_cluster, group_type, group_label
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
