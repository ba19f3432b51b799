SELECT DISTINCT source
FROM points
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
