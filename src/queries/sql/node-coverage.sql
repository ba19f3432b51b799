-- Hours of the window in which any node of a cluster is known, and who told of them.
SELECT cluster, uniqExact(at) AS hours, arraySort(groupUniqArray(told_by)) AS sources
FROM ({{node_hours_seen}}) AS seen
GROUP BY cluster
