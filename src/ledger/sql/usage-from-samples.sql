-- What every container of one cluster held and used in one hour, from the samples of the source of record.
--
-- Each sample is held until the container's next one; where none follows within `hold_ms` the container is taken to have
-- ended, and the sample stands for one usual interval. Known starts and ends cut exactly. Two rows of one instant (a
-- re-delivery that is not merged yet) hold for no time but the last, in the order of their digests: nothing counts twice.
-- A pod that its source sees now whole (container '') and now by its containers is held on one level at a time: a sample
-- ends where the other level's next one begins.
-- The basis of the charge is max(request, usage) of each sample.
--
-- Integers throughout (nanocores, bytes, milliseconds): no order of rows or threads can change a digit. One step a level:
-- an alias used twice in one SELECT is planned twice, and that came to a quarter of a second an hour.
SELECT
    namespace, pod, pod_uid, container, node, controller_kind, controller, labels,
    run_ms,
    toInt128(intDiv(arraySum(arrayMap((dt, x) -> toInt128(greatest(x.3, x.5, 0)) * dt, dts, seen)), 1000000)) AS ucs,
    toInt128(intDiv(arraySum(arrayMap((dt, x) -> toInt128(greatest(x.4, x.6, 0)) * dt, dts, seen)), 1000)) AS bs,
    toInt128(intDiv(arraySum(arrayMap((dt, x) -> toInt128(greatest(x.3, 0)) * dt, dts, seen)), 1000000)) AS usage_ucs,
    toInt128(intDiv(arraySum(arrayMap((dt, x) -> toInt128(greatest(x.4, 0)) * dt, dts, seen)), 1000)) AS usage_bs,
    toInt128(intDiv(arraySum(arrayMap((dt, x) -> toInt128(greatest(x.5, 0)) * dt, dts, seen)), 1000000)) AS request_ucs,
    toInt128(intDiv(arraySum(arrayMap((dt, x) -> toInt128(greatest(x.6, 0)) * dt, dts, seen)), 1000)) AS request_bs,
    arrayMax(arrayMap((dt, x) -> if(dt > 0, greatest(x.3, 0), 0), dts, seen)) AS cpu_max,
    arrayMax(arrayMap((dt, x) -> if(dt > 0, greatest(x.4, 0), 0), dts, seen)) AS ram_max,
    -- the increase since the sample before; after a reset, all of it
    arraySum(arrayMap((a, b) -> if(a.1 < hour_ms, 0, if(a.3 >= b.3, a.3 - b.3, a.3)), counters, counters_before)) AS received,
    arraySum(arrayMap((a, b) -> if(a.1 < hour_ms, 0, if(a.4 >= b.4, a.4 - b.4, a.4)), counters, counters_before)) AS sent
FROM
(
    SELECT *, toInt64(arraySum(dts)) AS run_ms, arrayPopBack(arrayPushFront(counters, counters[1])) AS counters_before
    FROM
    (
        SELECT
            *,
            -- the first sample reaches back to a start that is known and near, unless the other level was there before it
            arrayMap(
                (at, next, i, x) -> if(x.7,
                    greatest(toInt64(0),
                        least(if(next - at <= {hold_ms:UInt32}, next, at + {interval_ms:UInt32}), ended_ms, hour_ms + 3600000)
                        - greatest(if(i = 1 AND NOT followed AND started_ms < at AND started_ms > at - {hold_ms:UInt32}, started_ms, at), hour_ms)),
                    toInt64(0)),
                ats, nexts, arrayEnumerate(ats), seen) AS dts
        FROM
        (
            SELECT
                *,
                arrayExists(at -> at < ats[1], others) AS followed,
                if(empty(others), same_level_nexts, arrayMap(
                    (at, next) -> arrayMin(arrayPushBack(arrayFilter(t -> t > at OR (t = at AND container = ''), others), next)),
                    ats, same_level_nexts)) AS nexts
            FROM
            (
                SELECT
                    *,
                    arrayPushBack(arrayPopFront(ats), toInt64(9000000000000000)) AS same_level_nexts,
                    arrayFlatten(if(container = '', groupArrayIf(ats, container != '') OVER pods, groupArrayIf(ats, container = '') OVER pods)) AS others
                FROM
                (
                    SELECT *, arrayMap(x -> x.1, seen) AS ats
                    FROM
                    (
                        SELECT
                            namespace, pod, pod_uid, container, node,
                            arraySort(groupArray((
                                toUnixTimestamp64Milli(s.at),
                                digest,
                                ifNull(cpu_usage, -1),
                                ifNull(memory_usage, -1),
                                ifNull(cpu_request, -1),
                                ifNull(memory_request, -1),
                                phase IN ('', 'Running') OR isNotNull(ended_at)))) AS seen,
                            ifNull(toUnixTimestamp64Milli(min(started_at)), 0) AS started_ms,
                            ifNull(toUnixTimestamp64Milli(max(ended_at)), 9000000000000000) AS ended_ms,
                            arraySort(groupArrayIf(
                                (toUnixTimestamp64Milli(s.at), digest, ifNull(network_received, 0), ifNull(network_sent, 0)),
                                isNotNull(network_received))) AS counters,
                            argMaxIf(s.controller_kind, (s.at, digest), s.controller != '') AS controller_kind,
                            argMaxIf(s.controller, (s.at, digest), s.controller != '') AS controller,
                            JSONExtract(argMaxIf(s.labels, (s.at, digest), s.labels != ''), 'Map(LowCardinality(String), String)') AS labels
                        FROM container_samples AS s
                        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
                            AND toStartOfHour(s.at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
                            AND s.at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond({hold_ms:UInt32})
                        GROUP BY namespace, pod, pod_uid, container, node
                    )
                )
                WINDOW pods AS (PARTITION BY namespace, pod, pod_uid, node)
            )
        )
    )
)
WHERE run_ms > 0
