-- What each source reported of each cluster: over the last day and week and over the asked window, for how many hours of the
-- window it was the one that was counted, and the newest hour of these that it reported.
SELECT
    cluster,
    reported_source AS source,
    toUnixTimestamp(max(hour)) AS last_s,
    sumIf(reported_ms, hour >= {day_start:DateTime64(3, 'UTC')} AND hour < {now:DateTime64(3, 'UTC')}) AS day_ms,
    sumIf(reported_ms, hour >= {week_start:DateTime64(3, 'UTC')} AND hour < {now:DateTime64(3, 'UTC')}) AS week_ms,
    sumIf(reported_ms, in_window) AS window_ms,
    countIf(in_window AND counted = reported_source) AS hours_counted
FROM
(
    SELECT
        cluster, hour, toString(source) AS counted,
        hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AS in_window,
        arrayJoin(reported) AS report,
        toString(report.1) AS reported_source,
        report.2 AS reported_ms
    FROM cluster_hours FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
        AND day >= toDate(least({start:DateTime64(3, 'UTC')}, {week_start:DateTime64(3, 'UTC')}))
        AND day <= toDate(greatest({end:DateTime64(3, 'UTC')}, {now:DateTime64(3, 'UTC')}))
        AND (in_window OR hour >= {week_start:DateTime64(3, 'UTC')})
)
GROUP BY cluster, source
ORDER BY cluster, source
