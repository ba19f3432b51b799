-- What an hour of managing the cluster costs, as Prometheus heard it: the mean of the hour's points, in whole pico-dollars, so
-- that no order of rows or threads can change a digit. Of two values for one instant the greater. No row where nobody told.
SELECT toString(toDecimal128(intDiv(sum(toInt128(hourly_pico)), count()), 0) * toDecimal128('0.000000000001', 12)) AS hourly
FROM
(
    SELECT p.source, p.id, p.at, toInt64(round(max(p.value) * 1e12)) AS hourly_pico
    FROM points AS p
    WHERE p.tenant = {tenant:UUID} AND p.cluster = {cluster:UUID}
        AND toStartOfHour(p.at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
        AND p.value BETWEEN 0 AND 1e6
        AND p.id IN
        (
            SELECT id
            FROM series
            WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
                AND metric = 'kubecost_cluster_management_cost'
        )
    GROUP BY p.source, p.id, p.at
)
HAVING count() > 0
