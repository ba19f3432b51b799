-- What every node of one cluster offered in one hour. `samples` are those of the source of record, and what the Kubernetes
-- API told beside them (node-samples-*.sql).
--
-- Integers throughout (nanocores, nano-GPUs, bytes, milliseconds, pico-dollars): no order of rows or threads can change a digit.
-- A post that does not know a node's size or price leaves the last known one standing. How long a row stands is of its own
-- source: the API server tells of a node every few minutes, a collector twice in one.
SELECT
    node, provider_id, instance_type, region, zone, spot, labels, covered_ms,
    toInt128(intDiv(arraySum(arrayMap((dt, x) -> toInt128(greatest(x, 0)) * dt, dts, cpus)), 1000000)) AS capacity_ucs,
    toInt128(intDiv(arraySum(arrayMap((dt, x) -> toInt128(greatest(x, 0)) * dt, dts, rams)), 1000)) AS capacity_bs,
    toInt128(intDiv(arraySum(arrayMap((dt, x) -> toInt128(greatest(x, 0)) * dt, dts, gpus)), 1000000)) AS gpu_us,
    prices[-1] >= 0 AS reported,
    toInt128(intDiv(arraySum(arrayMap((dt, x) -> toInt128(greatest(x, 0)) * dt, dts, prices)), 3600000)) AS reported_pico
FROM
(
    SELECT
        *,
        toInt64(arraySum(dts)) AS covered_ms,
        arrayReverseFill(x -> x >= 0, arrayFill(x -> x >= 0, arrayMap(x -> x.3, seen))) AS cpus,
        arrayReverseFill(x -> x >= 0, arrayFill(x -> x >= 0, arrayMap(x -> x.4, seen))) AS rams,
        arrayReverseFill(x -> x >= 0, arrayFill(x -> x >= 0, arrayMap(x -> x.5, seen))) AS prices,
        arrayReverseFill(x -> x >= 0, arrayFill(x -> x >= 0, arrayMap(x -> x.7, seen))) AS gpus
    FROM
    (
        SELECT
            *,
            arrayMap(
                (x, at, next) -> greatest(toInt64(0), least(
                    if(next - at <= if(x.6, {asked_hold_ms:UInt32}, {hold_ms:UInt32}), next, at + if(x.6, {asked_interval_ms:UInt32}, {interval_ms:UInt32})),
                    hour_ms + 3600000) - greatest(at, hour_ms)),
                seen, ats, arrayPushBack(arrayPopFront(ats), toInt64(9000000000000000))) AS dts
        FROM
        (
            SELECT *, arrayMap(x -> x.1, seen) AS ats
            FROM
            (
                SELECT
                    node,
                    arraySort(groupArray((
                        toUnixTimestamp64Milli(s.at),
                        digest,
                        ifNull(cpu_capacity, -1),
                        ifNull(memory_capacity, -1),
                        ifNull(toInt64(toDecimal128(hourly_cost, 12) * 1000000000000), -1),
                        by_api,
                        ifNull(gpu_capacity, -1)))) AS seen,
                    argMaxIf(s.provider_id, (s.at, digest), s.provider_id != '') AS provider_id,
                    argMaxIf(s.instance_type, (s.at, digest), s.instance_type != '') AS instance_type,
                    argMaxIf(s.region, (s.at, digest), s.region != '') AS region,
                    argMaxIf(s.zone, (s.at, digest), s.zone != '') AS zone,
                    -- who tells neither type nor size of a node cannot know how it was bought, and who does may not know it either
                    argMaxIf(s.spot, (s.spot OR s.instance_type != '' OR isNotNull(s.cpu_capacity), s.at, digest), NOT by_api)
                        OR argMaxIf(s.spot, (s.at, digest), by_api) AS spot,
                    JSONExtract(argMaxIf(s.labels, (s.at, digest), s.labels NOT IN ('', '{}')), 'Map(LowCardinality(String), String)') AS labels
                FROM
                (
                    {{samples}}
                ) AS s
                GROUP BY node
            )
        )
    )
)
WHERE covered_ms > 0
