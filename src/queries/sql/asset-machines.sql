-- Nodes, the traffic of their pods, and what pods have outside of the cluster. What a node cost is what its rows of the ledger add up to, idle
-- included: its price, or where its size is not known, what its containers were charged.
SELECT
    set_s, cluster, asset.1 AS asset_type,
    provider_id,
    if(asset.1 = 'Cloud', '__external__', node) AS name,
    '' AS namespace, zone, region, instance_type,
    if(asset.1 = 'Node', labels, CAST(map(), 'Map(String, String)')) AS labels,
    '' AS storage_class, '' AS claim, '' AS ip,
    if(known_first_s > 0, known_first_s, usage_first_s) AS first_s,
    if(known_last_s > 0, known_last_s, usage_last_s) AS last_s,
    first_gap_ms, last_run_ms,
    if(asset.1 = 'Node', amounts, arrayMap(amount -> nothing, amounts)) AS amounts,
    asset.2 AS costs
FROM
(
    SELECT
        *,
        [cpu_offered, ram_offered, gpu_offered, cpu_system, cpu_user, ram_system, ram_user, covered_ms, spot_ms,
            undiscounted + cpu_charged + ram_charged - priced, toDecimal128(0, 12), toDecimal128(0, 12)] AS amounts,
        -- not what pods that no node is told for have cost, where that is nothing
        arrayConcat(
            if(known_first_s > 0 OR cpu_charged != 0 OR ram_charged != 0 OR gpu_charged != 0,
                [('Node', [cpu_charged, ram_charged, gpu_charged, nothing, known_adjustment + stated_adjustment])], []),
            if(network != 0 OR network_adjustment != 0, [('Network', [nothing, nothing, nothing, network, network_adjustment])], []),
            if(external != 0, [('Cloud', [nothing, nothing, nothing, external, nothing])], [])) AS parts
    FROM
    (
        SELECT
            toUInt32(roundDown(toUnixTimestamp(c.at), {set_starts:Array(UInt32)})) AS set_s, cluster, node,
            toDecimal128(0, 12) AS nothing,
            min(toUnixTimestamp(c.first_hour)) AS usage_first_s,
            max(toUnixTimestamp(c.last_hour)) AS usage_last_s,
            {{sum c.cpu_cost}} AS cpu_charged,
            {{sum c.ram_cost}} AS ram_charged,
            {{sum c.gpu_cost}} AS gpu_charged,
            {{sum c.network_cost}} AS network,
            {{sum c.network_cost_adjustment}} AS network_adjustment,
            {{sum c.external_cost}} AS external,
            {{sum c.stated_adjustment}} AS stated_adjustment,
            toDecimal128(sum(c.cpu_system_core_seconds), 12) AS cpu_system,
            toDecimal128(sum(c.cpu_user_core_seconds), 12) AS cpu_user,
            toDecimal128(sum(c.ram_system_byte_seconds), 12) AS ram_system,
            toDecimal128(sum(c.ram_user_byte_seconds), 12) AS ram_user
        FROM
        (
            {{leaves asset-node-use}}
        ) AS c
        GROUP BY set_s, cluster, node
    ) AS u
    FULL JOIN
    (
        SELECT
            toUInt32(roundDown(toUnixTimestamp(n.at), {set_starts:Array(UInt32)})) AS set_s, cluster, node,
            argMaxIf(n.provider_id, n.at, n.provider_id != '') AS provider_id,
            argMaxIf(n.zone, n.at, n.zone != '') AS zone,
            argMaxIf(n.region, n.at, n.region != '') AS region,
            argMaxIf(n.instance_type, n.at, n.instance_type != '') AS instance_type,
            argMaxIf(CAST(n.labels, 'Map(String, String)'), n.at, notEmpty(n.labels)) AS labels,
            min(toUnixTimestamp(n.first_hour)) AS known_first_s,
            max(toUnixTimestamp(n.last_hour)) AS known_last_s,
            toUInt32(3600000 - least(argMin(n.first_ms, n.first_hour), 3600000)) AS first_gap_ms,
            argMax(n.last_ms, n.last_hour) AS last_run_ms,
            toDecimal128(sum(n.cpu_capacity_core_seconds), 12) AS cpu_offered,
            toDecimal128(sum(n.ram_capacity_byte_seconds), 12) AS ram_offered,
            toDecimal128(sum(n.gpu_capacity_seconds), 12) AS gpu_offered,
            toDecimal128(sum(n.covered_ms), 12) AS covered_ms,
            toDecimal128(sum(n.spot_ms), 12) AS spot_ms,
            {{sum n.priced_cost}} AS priced,
            {{sum n.undiscounted_cost}} AS undiscounted,
            {{sum n.cost_adjustment}} AS known_adjustment
        FROM
        (
            {{leaves asset-nodes}}
        ) AS n
        GROUP BY set_s, cluster, node
    ) AS k
    USING (set_s, cluster, node)
)
ARRAY JOIN parts AS asset
