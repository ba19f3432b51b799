-- How new the hours of a window are. Versions only grow; the first hour tells what was dropped at the ledger's old end.
SELECT toString(max(version)) AS version, toUnixTimestamp(min(hour)) AS first_s
FROM cluster_hours
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
