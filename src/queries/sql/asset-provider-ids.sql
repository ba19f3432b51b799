-- A provider ID of each cluster: that of a node of its last day. It tells who runs what has none of its own.
SELECT toString(n.cluster) AS cluster_id, argMax(n.provider_id, (n.day, n.node)) AS id
FROM
(
    {{leaves asset-provider-ids}}
) AS n
WHERE n.provider_id LIKE '%://%'
GROUP BY n.cluster
