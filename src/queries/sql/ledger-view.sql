-- What the ledger holds of a window, by cluster: how new each hour is (a hash of their versions, because an hour that was begun before
-- another may be done after it), how much of it is covered and by whom, which of the days in [day_from, day_to) have no sums that are as
-- new as their hours, and which hours that are read as hours have none either.
--
-- Beside it what changes answers without changing hours: what namespaces say of themselves, and services of whom they choose, by the day.
-- A row that is there twice until it is merged counts once.
SELECT
    toString(cluster) AS cluster,
    toString(sum(hash)) AS hours,
    sum(covered) AS covered_ms,
    groupUniqArrayArray(counted) AS sources,
    groupArrayIf(toString(day), is_outdated) AS outdated_days,
    arraySlice(groupArrayArrayIf(unsummed, is_outdated OR NOT is_whole OR day IN {cut_days:Array(Date)}), 1, {unsummed_max:UInt32}) AS unsummed_hours,
    (
        SELECT toString(sum(DISTINCT cityHash64(cluster, day, namespace, source, at, labels, annotations)))
        FROM namespace_days
        WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
            AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    ) AS namespaces,
    (
        SELECT toString(sum(DISTINCT cityHash64(cluster, day, namespace, service, source, at, selector)))
        FROM service_days
        WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
            AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    ) AS services
FROM
(
    SELECT
        h.cluster AS cluster, h.day AS day, h.hash AS hash, h.covered AS covered, h.counted AS counted, h.unsummed AS unsummed,
        h.day >= {day_from:Date} AND h.day < {day_to:Date} AS is_whole,
        is_whole AND (h.newest != g.hours_version OR g.sums < {day_sums:UInt8}) AS is_outdated
    FROM
    (
        SELECT
            cluster, day,
            sum(cityHash64(cluster, hour, version)) AS hash,
            max(version) AS newest,
            sum(covered_ms) AS covered,
            groupUniqArrayIf(source, source != '') AS counted,
            groupArrayIf(toUnixTimestamp(hour), sums < {hour_sums:UInt8}) AS unsummed
        FROM cluster_hours FINAL
        WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
            AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
            AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
        GROUP BY cluster, day
    ) AS h
    LEFT JOIN
    (
        SELECT cluster, day, hours_version, sums
        FROM day_grains FINAL
        WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND day >= {day_from:Date} AND day < {day_to:Date}
    ) AS g ON h.cluster = g.cluster AND h.day = g.day
)
GROUP BY cluster
ORDER BY cluster
