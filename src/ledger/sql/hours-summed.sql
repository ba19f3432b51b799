-- Hours have their sums, unless they were computed anew in the meantime. Of two rows of one version the later one counts.
INSERT INTO cluster_hours
SELECT * REPLACE ({sums:UInt8} AS sums)
FROM cluster_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day IN {days:Array(Date)}
    AND (hour, version) IN (SELECT arrayJoin(arrayZip({hours:Array(DateTime('UTC'))}, {hour_versions:Array(UInt64)})))
