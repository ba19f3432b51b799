-- The sums of what is paid for beside nodes, by what it is, as far as a filter lets it through.
SELECT l.what AS kind, count() AS row_count, toString(sum(l.paid)) AS cost
FROM
(
    SELECT *, '' AS provider_id, '' AS zone, '' AS region, '' AS instance_type, CAST(map(), 'Map(String, String)') AS node_labels
    FROM ({{leaves}}) AS l
    {{joins}}
) AS l
WHERE {{asked}}
GROUP BY l.what
