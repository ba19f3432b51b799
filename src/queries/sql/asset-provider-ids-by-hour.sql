SELECT cluster, day, node, argMaxIf(n.provider_id, n.hour, n.provider_id != '') AS provider_id
FROM node_hours AS n FINAL
WHERE {{of_window}}
    AND NOT withdrawn
GROUP BY cluster, day, node
