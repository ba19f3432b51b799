-- Series of the hour's day, each with its labels (`texts`) and the last of its points in the hour. `of_series` says which.
SELECT
    told.source AS source, told.id AS id, told.of_metric AS of_metric, told.of_namespace AS of_namespace, told.texts AS texts,
    seen.last_at AS last_at
FROM
(
    SELECT source, id, any(s.metric) AS of_metric, any(s.namespace) AS of_namespace, any(s.labels) AS texts
    FROM series AS s
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
        AND s.namespace != '' AND {{of_series}}
    GROUP BY source, id
) AS told
INNER JOIN
(
    SELECT source, id, max(p.at) AS last_at
    FROM points AS p
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND toStartOfHour(p.at) = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
        AND id IN (
            SELECT id
            FROM series
            WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')}) AND {{of_series}})
    GROUP BY source, id
) AS seen ON told.source = seen.source AND told.id = seen.id
