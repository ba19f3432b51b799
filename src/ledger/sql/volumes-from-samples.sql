-- What every volume of one cluster held in one hour, by the pods that mounted it. `samples` are volume-samples-*.sql,
-- `mounts` volume-mounts-*.sql.
--
-- A sample stands as those of nodes do (nodes-from-samples.sql). A volume is as large as its capacity, or its claim's request
-- where that is not told; an unbound claim is no volume. At each moment the pods that mount it have equal shares; moments without
-- any are nobody's (pod ''). The shares are cut from the whole one after another, in order of the pods' names, so that they
-- add up to it. Integers throughout (bytes, milliseconds, pico-dollars): no order of rows or threads can change a digit.
SELECT
    namespace, claim, volume, storage_class, provider_id, covered_ms,
    part.1 AS pod,
    toInt128(part.2) AS byte_seconds,
    if(reported, 'reported', 'book') AS price_basis,
    CAST(if(reported, reported_pico, NULL) AS Nullable(Int128)) AS volume_pico,
    CAST(NULL AS Nullable(Int128)) AS own_pico,
    toInt128(0) AS adjustment_pico,
    {told_by:String} AS source
FROM
(
    SELECT
        *,
        arrayMap(
            (pod, upto, before) -> (pod, intDiv(toInt256(held_bs) * upto, sums[-1]) - intDiv(toInt256(held_bs) * before, sums[-1])),
            arrayMap(w -> w.1, weights), sums, arrayPopBack(arrayPushFront(sums, toInt128(0)))) AS parts
    FROM
    (
        SELECT *, arrayMap(i -> arraySum(arrayMap(w -> w.2, arraySlice(weights, 1, i))), arrayEnumerate(weights)) AS sums
        FROM
        (
            SELECT
                *,
                arrayFilter(w -> w.2 > 0, arrayPushFront(
                    arrayMap(c -> (c.1, arraySum(arrayMap((m, n) -> if(arrayExists(s -> s.1 <= m.1 AND s.2 >= m.2, c.2), intDiv(m.3, n), toInt128(0)), moments, sharers))), claimants),
                    ('', arraySum(arrayMap((m, n) -> if(n = 0, m.3, toInt128(0)), moments, sharers))))) AS weights
            FROM
            (
                SELECT *, arrayMap(m -> arrayCount(c -> arrayExists(s -> s.1 <= m.1 AND s.2 >= m.2, c.2), claimants), moments) AS sharers
                FROM
                (
                    SELECT
                        *,
                        -- (from, to, byte-milliseconds)
                        arrayFilter(m -> m.3 > 0, arrayMap(
                            (a, b) -> (a, b, toInt128(b - a) * arrayFirst(x -> x.1 <= a AND x.2 >= b, stretches).3),
                            arrayPopBack(cuts), arrayPopFront(cuts))) AS moments
                    FROM
                    (
                        SELECT
                            sized.*,
                            mounted.claimants AS claimants,
                            arraySort(arrayDistinct(arrayFilter(t -> t >= hour_ms AND t <= hour_ms + 3600000, arrayConcat(
                                arrayMap(x -> x.1, stretches), arrayMap(x -> x.2, stretches),
                                arrayFlatten(arrayMap(c -> arrayMap(s -> [s.1, s.2], c.2), mounted.claimants)))))) AS cuts
                        FROM
                        (
                            SELECT
                                namespace, claim, volume, storage_class, provider_id, reported, hour_ms,
                                toInt64(arraySum(arrayMap(x -> x.2 - x.1, held))) AS covered_ms,
                                intDiv(arraySum(arrayMap(x -> toInt128(x.2 - x.1) * x.3, held)), 1000) AS held_bs,
                                toInt128(intDiv(arraySum(arrayMap(x -> toInt256(x.2 - x.1) * x.3 * greatest(x.4, 0), held)), toInt256(3600000) * 1073741824)) AS reported_pico,
                                -- while nothing changes, many samples are one stretch
                                arrayMap(run -> (run[1].1, run[-1].2, run[1].3), arraySplit(
                                    (x, before) -> before.2 != x.1 OR before.3 != x.3,
                                    held, arrayPopBack(arrayPushFront(held, held[1])))) AS stretches
                            FROM
                            (
                                SELECT
                                    *,
                                    rates[-1] >= 0 AS reported,
                                    arrayFilter(x -> x.2 > x.1 AND x.3 > 0, arrayMap(
                                        (at, next, capacity, request, rate) -> (
                                            greatest(at, hour_ms),
                                            least(if(next - at <= {told_hold_ms:UInt32}, next, at + {told_interval_ms:UInt32}), hour_ms + 3600000),
                                            multiIf(capacity > 0, capacity, volume != '', greatest(request, 0), toInt64(0)),
                                            rate),
                                        ats, arrayPushBack(arrayPopFront(ats), toInt64(9000000000000000)), capacities, requests, rates)) AS held
                                FROM
                                (
                                    SELECT
                                        *,
                                        toUnixTimestamp64Milli({hour:DateTime64(3, 'UTC')}) AS hour_ms,
                                        arrayMap(x -> x.1, seen) AS ats,
                                        arrayReverseFill(x -> x >= 0, arrayFill(x -> x >= 0, arrayMap(x -> x.2, seen))) AS capacities,
                                        arrayReverseFill(x -> x >= 0, arrayFill(x -> x >= 0, arrayMap(x -> x.3, seen))) AS requests,
                                        arrayReverseFill(x -> x >= 0, arrayFill(x -> x >= 0, arrayMap(x -> x.4, seen))) AS rates
                                    FROM
                                    (
                                        SELECT
                                            namespace, claim, volume,
                                            arraySort(groupArray((toUnixTimestamp64Milli(s.at), ifNull(s.capacity, -1), ifNull(s.request, -1), ifNull(s.rate_pico, -1)))) AS seen,
                                            argMaxIf(s.storage_class, (s.at, s.storage_class), s.storage_class != '') AS storage_class,
                                            argMaxIf(s.provider_id, (s.at, s.provider_id), s.provider_id != '') AS provider_id
                                        FROM
                                        (
                                            {{samples}}
                                        ) AS s
                                        GROUP BY namespace, claim, volume
                                    )
                                )
                            )
                            WHERE notEmpty(held)
                        ) AS sized
                        LEFT JOIN
                        (
                            SELECT namespace, claim, arraySort(groupArray((pod, spans))) AS claimants
                            FROM
                            (
                                -- spans that follow each other are one: what is compared with every moment must stay small
                                SELECT
                                    namespace, claim, pod,
                                    arrayMap(run -> (run[1].1, arrayMax(arrayMap(x -> x.2, run))), arraySplit(
                                        (x, before) -> x.1 > before.2, sorted, arrayPopBack(arrayPushFront(sorted, sorted[1])))) AS spans
                                FROM
                                (
                                    SELECT namespace, claim, pod, arraySort(arrayFlatten(groupArray(m.spans))) AS sorted
                                    FROM
                                    (
                                        {{mounts}}
                                    ) AS m
                                    GROUP BY namespace, claim, pod
                                )
                            )
                            GROUP BY namespace, claim
                        ) AS mounted
                        ON sized.namespace = mounted.namespace AND sized.claim = mounted.claim
                    )
                )
            )
        )
    )
)
ARRAY JOIN parts AS part
