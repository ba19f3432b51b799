-- How new the hours of a window are: of each its newest version, because one that was begun before another may be done after it.
-- What namespaces say of themselves, and services of whom they choose, comes by itself and by the day. A row that is there
-- twice until it is merged counts once.
SELECT
    (
        SELECT toString(sum(cityHash64(cluster, hour, newest)))
        FROM
        (
            SELECT cluster, hour, max(version) AS newest
            FROM cluster_hours
            WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
                AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
                AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
            GROUP BY cluster, hour
        )
    ) AS hours,
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
