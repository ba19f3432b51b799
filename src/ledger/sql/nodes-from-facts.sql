-- What every node of one cluster offered in one hour, as its source states it. A node that lived half of the hour has half
-- of its capacity's seconds.
SELECT
    node, provider_id, instance_type, region, zone, spot, labels,
    toInt64(if(capacity_ucores > 0 AND capacity_ucs >= 0, least(intDiv(capacity_ucs * 1000, capacity_ucores), 3600000), 3600000)) AS covered_ms,
    toInt128(greatest(capacity_ucs, 0)) AS capacity_ucs,
    toInt128(greatest(capacity_bs, 0)) AS capacity_bs,
    toInt128(least(greatest(gpu_capacity_ms, 0), 36000000000)) * 1000 AS gpu_us,
    node_cost_pico >= 0 AS reported,
    toInt128(greatest(node_cost_pico, 0)) AS reported_pico
FROM
(
    SELECT
        node,
        if(texts['provider_id'] != '', texts['provider_id'], texts['resource_id']) AS provider_id,
        texts['instance_type'] AS instance_type,
        texts['region'] AS region,
        texts['zone'] AS zone,
        texts['spot'] = 'true' AS spot,
        labels,
        amounts['cpu_capacity_ucores'] AS capacity_ucores,
        amounts['cpu_capacity_ucs'] AS capacity_ucs,
        amounts['ram_capacity_bs'] AS capacity_bs,
        -- a GPU that anybody held was there for as long as its node
        if(mapContains(amounts, 'gpu_capacity_ms'), amounts['gpu_capacity_ms'], toInt64(gpus_held) * 3600000) AS gpu_capacity_ms,
        if(mapContains(amounts, 'node_cost_pico'), amounts['node_cost_pico'], -1) AS node_cost_pico
    FROM
    (
        SELECT
            node,
            JSONExtract(f.amounts, 'Map(String, Int64)') AS amounts,
            JSONExtract(f.texts, 'Map(String, String)') AS texts,
            JSONExtract(f.labels, 'Map(LowCardinality(String), String)') AS labels,
            held.gpus_held AS gpus_held
        FROM hour_facts AS f FINAL
        LEFT JOIN
        (
            SELECT node, uniqExact(g.gpu) AS gpus_held
            FROM
            (
                {{gpus}}
            ) AS g
            GROUP BY node
        ) AS held
        ON f.node = held.node
        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
            AND kind = 'node' AND hour = {hour:DateTime64(3, 'UTC')}
            AND (NOT {restates:Bool} OR stated_at = (
                SELECT max(stated_at)
                FROM hour_facts
                WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
                    AND kind IN ('pod', 'container', 'node') AND hour = {hour:DateTime64(3, 'UTC')}))
    )
)
