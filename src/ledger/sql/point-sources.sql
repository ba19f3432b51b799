SELECT source, count() AS rows
FROM points
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
GROUP BY source
