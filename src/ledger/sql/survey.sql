-- What each source told of hours of one cluster: its usual interval (the median gap between two posts about one node,
-- learnt from the hour and the one before), and how much of the hour its posts cover.
-- Half an hour of silence is never an interval of 30 seconds: gaps are held by the same rule as samples are (see usage-from-samples.sql).
-- `sightings` are the instants at which a source spoke of a node, for each hour (`asked`) on which they bear.
WITH
    snapshots AS
    (
        SELECT asked, source, node, arraySort(groupUniqArray(toUnixTimestamp64Milli(at))) AS ats
        FROM
        (
            {{sightings}}
        )
        GROUP BY asked, source, node
    ),
    intervals AS
    (
        SELECT
            toInt64(toUnixTimestamp(asked)) * 1000 AS hour_ms,
            source,
            groupUniqArrayArray(ats) AS all_ats,
            countIf(ats[-1] >= hour_ms) AS nodes,
            -- one gap per pair of neighbours; 0 where every node was seen but once
            arrayReduce('quantileExactLow(0.5)', groupArrayArray(arrayPopFront(arrayDifference(ats)))) AS median_gap_ms
        FROM snapshots
        GROUP BY hour_ms, source
    )
SELECT hour_ms, source, nodes, usual_interval_ms, hold_ms, covered_ms
FROM
(
    SELECT
        hour_ms,
        source,
        nodes,
        toInt64(if(median_gap_ms = 0, {default_interval_ms:UInt32}, least(median_gap_ms, {hold_max_ms:UInt32}))) AS usual_interval_ms,
        toInt64(least(greatest(2 * usual_interval_ms, {hold_min_ms:UInt32}), {hold_max_ms:UInt32})) AS hold_ms,
        arraySort(all_ats) AS ats,
        arrayPushBack(arrayPopFront(ats), toInt64(9000000000000000)) AS nexts,
        arraySum(arrayMap(
            (at, next) -> greatest(toInt64(0), least(if(next - at <= hold_ms, next, at + usual_interval_ms), hour_ms + 3600000) - greatest(at, hour_ms)),
            ats, nexts)) AS covered_ms
    FROM intervals
    WHERE nodes > 0
)
ORDER BY hour_ms, source
