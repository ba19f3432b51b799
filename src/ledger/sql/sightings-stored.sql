SELECT source, node, at
FROM node_samples
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID}
    AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
