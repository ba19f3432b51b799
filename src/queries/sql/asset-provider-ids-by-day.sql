SELECT cluster, day, node, provider_id
FROM node_days FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND day >= {day_from:Date} AND day < {day_to:Date}
    AND (cluster, day) NOT IN (SELECT arrayJoin(arrayZip({exception_clusters:Array(UUID)}, {exception_days:Array(Date)})))
    AND NOT withdrawn
