-- Milliseconds of each step that the ledger covers, by cluster, and the sources that were counted.
SELECT
    cluster,
    toUnixTimestamp(step) AS step_s,
    sum(covered_ms) AS covered_ms,
    groupUniqArrayIf(source, source != '') AS sources
FROM
(
    SELECT
        cluster, covered_ms, source,
        multiIf({step:String} = 'week', toDateTime(toMonday(hour), 'UTC'), {step:String} = 'day', toStartOfDay(hour, 'UTC'), hour) AS step
    FROM cluster_hours FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
        AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
        AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
)
GROUP BY cluster, step
ORDER BY cluster, step
