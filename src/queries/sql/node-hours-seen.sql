-- One row per node and hour that anybody reported: how many whole cores it had, who it is and what it is for.
--
-- Where an operator's uploads tell of any node of a cluster's hour, they are asked, and nobody else; the other hours come from
-- the ledger. Each hour is decided alone, so that an answer does not depend on how its window was cut. A node whose size nobody
-- told is not there: no cores can be counted of it. Sizes are cut to whole cores, as subscriptions count them.
WITH
    stated AS
    (
        SELECT
            cluster, node, toDateTime(hour, 'UTC') AS at,
            intDiv(max(JSONExtractInt(amounts, 'cpu_capacity_ucores')), 1000000) AS cores,
            max(JSONExtractString(texts, 'resource_id')) AS identifier,
            max(JSONExtractString(texts, 'node_role')) AS role,
            CAST(JSONExtractKeysAndValues(max(labels), 'String'), 'Map(String, String)') AS label_map
        FROM hour_facts FINAL
        WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND source = 'koku' AND kind = 'node'
            AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND JSONHas(amounts, 'cpu_capacity_ucores')
        GROUP BY cluster, node, at
    )
SELECT cluster, node, at, cores, identifier, if(role = '', 'worker', role) AS type, label_map, 'koku' AS told_by
FROM stated
UNION ALL
SELECT
    cluster, node, hour AS at,
    -- a size was integrated over the covered time: thousandths of a core are rounding
    toInt64(floor(round(toFloat64(cpu_capacity_core_seconds) * 1000 / covered_ms, 3))) AS cores,
    splitByChar('/', provider_id)[-1] AS identifier,
    multiIf(
        roles != [], arraySort(roles)[1],
        labels['kubernetes.io/role'] != '', labels['kubernetes.io/role'],
        'worker') AS type,
    CAST(labels, 'Map(String, String)') AS label_map,
    toString(source) AS told_by
FROM
(
    SELECT
        cluster, node, hour, cpu_capacity_core_seconds, covered_ms, provider_id, labels, source,
        arrayFilter(role -> role != '', arrayMap(
            key -> extract(toString(key), '^node[-_]role[._]kubernetes[._]io[/_](.+)$'), mapKeys(labels))) AS roles
    FROM node_hours FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
        AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
        AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
        AND NOT withdrawn AND covered_ms > 0 AND cpu_capacity_core_seconds > 0
)
WHERE (cluster, hour) NOT IN
(
    SELECT cluster, toDateTime(hour, 'UTC')
    FROM hour_facts
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)} AND source = 'koku' AND kind = 'node'
        AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
)
