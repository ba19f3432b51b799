-- Milliseconds of each set that the ledger covers, over the clusters asked about.
SELECT toUInt32(roundDown(toUnixTimestamp(hour), {set_starts:Array(UInt32)})) AS set_s, sum(covered_ms) AS covered_ms
FROM cluster_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
GROUP BY set_s
