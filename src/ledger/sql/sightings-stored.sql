SELECT source, node, at, asked
FROM node_samples
ARRAY JOIN arrayMap(spill -> toStartOfHour(toDateTime(at, 'UTC')) + spill, [0, 3600]) AS asked
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID}
    AND toStartOfHour(at) IN {around:Array(DateTime('UTC'))} AND asked IN {hours:Array(DateTime('UTC'))}
