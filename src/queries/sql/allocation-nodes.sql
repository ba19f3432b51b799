-- What is known of each node over the window: the latest of it.
SELECT
    cluster, node,
    argMax(provider_id, n.hour) AS provider_id,
    argMax(zone, n.hour) AS zone,
    argMax(region, n.hour) AS region,
    argMax(instance_type, n.hour) AS instance_type,
    argMax(CAST(labels, 'Map(String, String)'), n.hour) AS node_labels
FROM node_hours AS n FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
GROUP BY cluster, node
