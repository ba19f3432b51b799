-- How long every load balancer of one cluster was there in one hour, and what its source says that it cost. A sample stands as
-- those of nodes do (nodes-from-samples.sql). `samples` are balancer-samples-*.sql.
SELECT
    namespace, service, ingress, run_ms,
    if(prices[-1] >= 0, 'reported', 'book') AS price_basis,
    CAST(if(prices[-1] >= 0, toInt128(intDiv(arraySum(arrayMap((dt, price) -> toInt128(greatest(price, 0)) * dt, dts, prices)), 3600000)), NULL) AS Nullable(Int128)) AS own_pico,
    toInt128(0) AS adjustment_pico,
    {told_by:String} AS source
FROM
(
    SELECT *, toInt64(arraySum(dts)) AS run_ms
    FROM
    (
        SELECT
            *,
            arrayMap(
                (at, next) -> greatest(toInt64(0), least(if(next - at <= {told_hold_ms:UInt32}, next, at + {told_interval_ms:UInt32}), hour_ms + 3600000) - greatest(at, hour_ms)),
                ats, arrayPushBack(arrayPopFront(ats), toInt64(9000000000000000))) AS dts
        FROM
        (
            SELECT
                *,
                toUnixTimestamp64Milli({hour:DateTime64(3, 'UTC')}) AS hour_ms,
                arrayMap(x -> x.1, seen) AS ats,
                arrayReverseFill(x -> x >= 0, arrayFill(x -> x >= 0, arrayMap(x -> x.2, seen))) AS prices
            FROM
            (
                SELECT
                    namespace, service,
                    argMaxIf(s.ingress, (s.at, s.ingress), s.ingress != '') AS ingress,
                    arraySort(groupArray((toUnixTimestamp64Milli(s.at), ifNull(s.price_pico, -1)))) AS seen
                FROM
                (
                    {{samples}}
                ) AS s
                GROUP BY namespace, service, s.balancer
            )
        )
    )
)
WHERE run_ms > 0
