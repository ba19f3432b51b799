INSERT INTO day_grains
SELECT {tenant:UUID} AS tenant, {cluster:UUID} AS cluster, {day:Date} AS day, {hours_version:UInt64} AS hours_version, {version:UInt64} AS version
