-- What every container of one cluster held and used in one hour. `samples` are those of the source of record, and what the
-- Kubernetes API told beside them (samples-*.sql).
--
-- Each sample is held until the container's next one; where none follows within `hold_ms` the container is taken to have
-- ended, and the sample stands for one usual interval; both are the API server's own for what it told. Known starts and ends cut exactly, those of a restart too. Where
-- usage and requests come from different places, what a sample does not tell stands as it was told nearest to it, within
-- `used_fill_ms` and `asked_fill_ms`. Two rows of one instant (a re-delivery that is not merged yet) hold for no time but the last, in the order of
-- their digests: nothing counts twice. A pod that its source sees now whole (container '') and now by its containers is
-- held on one level at a time: a sample ends where the other level's next one begins.
-- The basis of the charge is max(request, usage) of each sample.
--
-- Integers throughout (nanocores, nano-GPUs, bytes, milliseconds): no order of rows or threads can change a digit. One step a level:
-- an alias used twice in one SELECT is planned twice, and that came to a quarter of a second an hour.
SELECT
    namespace, pod, pod_uid, container, node, controller_kind, controller, labels, annotations,
    run_ms,
    toInt128(intDiv(arraySum(arrayMap((dt, used, asked) -> toInt128(greatest(used, asked, 0)) * dt, dts, cpu_used, cpu_asked)), 1000000)) AS ucs,
    toInt128(intDiv(arraySum(arrayMap((dt, used, asked) -> toInt128(greatest(used, asked, 0)) * dt, dts, ram_used, ram_asked)), 1000)) AS bs,
    toInt128(intDiv(arraySum(arrayMap((dt, used) -> toInt128(greatest(used, 0)) * dt, dts, cpu_used)), 1000000)) AS usage_ucs,
    toInt128(intDiv(arraySum(arrayMap((dt, used) -> toInt128(greatest(used, 0)) * dt, dts, ram_used)), 1000)) AS usage_bs,
    toInt128(intDiv(arraySum(arrayMap((dt, asked) -> toInt128(greatest(asked, 0)) * dt, dts, cpu_asked)), 1000000)) AS request_ucs,
    toInt128(intDiv(arraySum(arrayMap((dt, asked) -> toInt128(greatest(asked, 0)) * dt, dts, ram_asked)), 1000)) AS request_bs,
    arrayMax(arrayMap((dt, used) -> if(dt > 0, greatest(used, 0), 0), dts, cpu_used)) AS cpu_max,
    arrayMax(arrayMap((dt, used) -> if(dt > 0, greatest(used, 0), 0), dts, ram_used)) AS ram_max,
    -- the increase since the sample before; after a reset, all of it
    arraySum(arrayMap((a, b) -> if(a.1 < hour_ms, 0, if(a.3 >= b.3, a.3 - b.3, a.3)), counters, counters_before)) AS received,
    arraySum(arrayMap((a, b) -> if(a.1 < hour_ms, 0, if(a.4 >= b.4, a.4 - b.4, a.4)), counters, counters_before)) AS sent,
    toInt128(intDiv(arraySum(arrayMap((dt, used, asked) -> toInt128(greatest(used, asked, 0)) * dt, dts, gpu_used, gpu_asked)), 1000000)) AS gpu_us,
    toInt128(intDiv(arraySum(arrayMap((dt, used) -> toInt128(greatest(used, 0)) * dt, dts, gpu_used)), 1000000)) AS gpu_usage_us,
    toInt128(intDiv(arraySum(arrayMap((dt, asked) -> toInt128(greatest(asked, 0)) * dt, dts, gpu_asked)), 1000000)) AS gpu_request_us,
    -- a counter that leaps often enough counts round to less than nothing
    greatest(arraySum(arrayMap((a, b) -> if(a.1 < hour_ms, 0, if(a.3 >= b.3, a.3 - b.3, a.3)), sent_to, sent_to_before)), 0) AS zone_bytes,
    greatest(arraySum(arrayMap((a, b) -> if(a.1 < hour_ms, 0, if(a.4 >= b.4, a.4 - b.4, a.4)), sent_to, sent_to_before)), 0) AS region_bytes,
    greatest(arraySum(arrayMap((a, b) -> if(a.1 < hour_ms, 0, if(a.5 >= b.5, a.5 - b.5, a.5)), sent_to, sent_to_before)), 0) AS internet_bytes,
    CAST(NULL AS Nullable(Int128)) AS stated_cpu_pico,
    CAST(NULL AS Nullable(Int128)) AS stated_ram_pico,
    CAST(NULL AS Nullable(Int128)) AS stated_gpu_pico,
    CAST(NULL AS Nullable(Int128)) AS stated_zone_pico,
    CAST(NULL AS Nullable(Int128)) AS stated_region_pico,
    CAST(NULL AS Nullable(Int128)) AS stated_internet_pico,
    toInt128(0) AS external_pico,
    toInt128(0) AS cpu_adjustment_pico,
    toInt128(0) AS ram_adjustment_pico,
    toInt128(0) AS gpu_adjustment_pico,
    toInt128(0) AS network_adjustment_pico
FROM
(
    SELECT *, toInt64(arraySum(dts)) AS run_ms, arrayPopBack(arrayPushFront(counters, counters[1])) AS counters_before,
        arrayPopBack(arrayPushFront(sent_to, sent_to[1])) AS sent_to_before
    FROM
    (
        SELECT
            *,
            -- a start that is known and near is reached back to, but never over what was held before it
            arrayMap(
                (x, at, started, until, held_until) -> if(x.7,
                    greatest(toInt64(0),
                        least(until, hour_ms + 3600000)
                        - greatest(if(started > 0 AND started < at AND started > at - {hold_ms:UInt32}, greatest(started, held_until), at), hour_ms)),
                    toInt64(0)),
                seen, ats, starts, untils,
                arrayPopBack(arrayPushFront(arrayMap((x, at, until) -> if(x.7, until, at), seen, ats, untils), toInt64(0)))) AS dts
        FROM
        (
            SELECT
                *,
                arrayMap(
                    (x, at, next) -> least(
                        if(next - at <= if(x.10, {asked_hold_ms:UInt32}, {hold_ms:UInt32}), next, at + if(x.10, {asked_interval_ms:UInt32}, {interval_ms:UInt32})),
                        if(x.9 > 0, x.9, arrayMin(arrayPushBack(arrayFilter(ended -> ended >= at, ends), toInt64(9000000000000000))))),
                    seen, ats, nexts) AS untils,
                arrayMap((x, at) -> if(abs(at - x.2) <= {used_fill_ms:UInt32}, x.1, toInt64(-1)), cpu_used_at, ats) AS cpu_used,
                arrayMap((x, at) -> if(abs(at - x.2) <= {used_fill_ms:UInt32}, x.1, toInt64(-1)), ram_used_at, ats) AS ram_used,
                arrayMap((x, at) -> if(abs(at - x.2) <= {asked_fill_ms:UInt32}, x.1, toInt64(-1)), cpu_asked_at, ats) AS cpu_asked,
                arrayMap((x, at) -> if(abs(at - x.2) <= {asked_fill_ms:UInt32}, x.1, toInt64(-1)), ram_asked_at, ats) AS ram_asked,
                arrayMap((x, at) -> if(abs(at - x.2) <= {used_fill_ms:UInt32}, x.1, toInt64(-1)), gpu_used_at, ats) AS gpu_used,
                arrayMap((x, at) -> if(abs(at - x.2) <= {asked_fill_ms:UInt32}, x.1, toInt64(-1)), gpu_asked_at, ats) AS gpu_asked
            FROM
            (
                SELECT
                    *,
                    if(empty(others), same_level_nexts, arrayMap(
                        (at, next) -> arrayMin(arrayPushBack(arrayFilter(t -> t > at OR (t = at AND container = ''), others), next)),
                        ats, same_level_nexts)) AS nexts,
                    -- what the other level told before it is not to be reached over
                    arrayMap((started, at) -> if(arrayExists(t -> t < at, others), toInt64(0), started),
                        arrayReverseFill(started -> started > 0, arrayMap(x -> x.8, seen)), ats) AS starts,
                    arrayFilter(ended -> ended > 0, arrayMap(x -> x.9, seen)) AS ends,
                    arrayReverseFill(x -> x.1 >= 0, arrayFill(x -> x.1 >= 0, arrayMap(x -> (x.3, x.1), seen))) AS cpu_used_at,
                    arrayReverseFill(x -> x.1 >= 0, arrayFill(x -> x.1 >= 0, arrayMap(x -> (x.4, x.1), seen))) AS ram_used_at,
                    arrayReverseFill(x -> x.1 >= 0, arrayFill(x -> x.1 >= 0, arrayMap(x -> (x.5, x.1), seen))) AS cpu_asked_at,
                    arrayReverseFill(x -> x.1 >= 0, arrayFill(x -> x.1 >= 0, arrayMap(x -> (x.6, x.1), seen))) AS ram_asked_at,
                    arrayReverseFill(x -> x.1 >= 0, arrayFill(x -> x.1 >= 0, arrayMap(x -> (x.11, x.1), seen))) AS gpu_used_at,
                    arrayReverseFill(x -> x.1 >= 0, arrayFill(x -> x.1 >= 0, arrayMap(x -> (x.12, x.1), seen))) AS gpu_asked_at
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
                                    phase IN ('', 'Running') OR isNotNull(ended_at),
                                    ifNull(toUnixTimestamp64Milli(started_at), 0),
                                    ifNull(toUnixTimestamp64Milli(ended_at), 0),
                                    by_api,
                                    ifNull(gpu_usage, -1),
                                    ifNull(gpu_request, -1)))) AS seen,
                                arraySort(groupArrayIf(
                                    (toUnixTimestamp64Milli(s.at), digest, ifNull(network_received, 0), ifNull(network_sent, 0)),
                                    isNotNull(network_received))) AS counters,
                                arraySort(groupArrayIf(
                                    (toUnixTimestamp64Milli(s.at), digest, ifNull(network_zone_sent, 0), ifNull(network_region_sent, 0), ifNull(network_internet_sent, 0)),
                                    isNotNull(coalesce(network_zone_sent, network_region_sent, network_internet_sent)))) AS sent_to,
                                argMaxIf(s.controller_kind, (s.at, digest), s.controller != '') AS controller_kind,
                                argMaxIf(s.controller, (s.at, digest), s.controller != '') AS controller,
                                JSONExtract(argMaxIf(s.labels, (s.at, digest), s.labels NOT IN ('', '{}')), 'Map(LowCardinality(String), String)') AS labels,
                                JSONExtract(argMaxIf(s.annotations, (s.at, digest), s.annotations NOT IN ('', '{}')), 'Map(LowCardinality(String), String)') AS annotations
                            FROM
                            (
                                {{samples}}
                            ) AS s
                            GROUP BY namespace, pod, pod_uid, container, node
                        )
                    )
                    WINDOW pods AS (PARTITION BY namespace, pod, pod_uid, node)
                )
            )
        )
    )
)
WHERE run_ms > 0
