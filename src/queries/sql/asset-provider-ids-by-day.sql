SELECT cluster, day, node, provider_id
FROM node_days FINAL
WHERE {{of_window}}
    AND NOT withdrawn
