-- On this date this node had so many cores for so many hours: distinct hours, so never more than 24, whoever uploads what twice.
SELECT
    toString(date) AS date, cluster, node, identifier, type, cores, hours, count() OVER () AS all_rows
FROM
(
    SELECT
        toDate(at) AS date, cluster, node, identifier, argMax(seen.type, at) AS type, cores, uniqExact(at) AS hours
    FROM ({{node_hours_seen}}) AS seen
    GROUP BY date, cluster, node, identifier, cores
)
WHERE {node_type:String} = '' OR type = {node_type:String}
ORDER BY date, cluster, node, identifier, cores
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
