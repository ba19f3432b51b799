-- A provider ID of each cluster: its newest node's. It tells who runs what has none of its own.
SELECT toString(n.cluster) AS cluster_id, argMax(n.provider_id, (n.hour, n.node)) AS id
FROM node_hours AS n FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn AND n.provider_id LIKE '%://%'
GROUP BY n.cluster
