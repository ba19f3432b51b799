SELECT count() AS rows
FROM container_samples
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source IN {sources:Array(String)}
    AND toStartOfHour(at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
