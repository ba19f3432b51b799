INSERT INTO day_grains (tenant, cluster, day, hours_version, sums, version)
SELECT {tenant:UUID} AS tenant, {cluster:UUID} AS cluster, {day:Date} AS day, {hours_version:UInt64} AS hours_version, {sums:UInt8} AS sums, {version:UInt64} AS version
