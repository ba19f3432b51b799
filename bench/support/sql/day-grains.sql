-- That the days of workload-days.sql are as new as the hours of cluster-hours.sql.
INSERT INTO day_grains (tenant, cluster, day, hours_version, sums, version)
SELECT {tenant:UUID} AS tenant, {cluster:UUID} AS cluster, {from_day:Date} + toIntervalDay(number) AS day, 2 AS hours_version, 1 AS sums, 2 AS version
FROM numbers({days:UInt32})
