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
    if(asset.1 = 'Node', amounts, arrayMap(amount -> 0., amounts)) AS amounts,
    asset.2 AS costs
FROM
(
    SELECT
        *,
        [cpu_offered, ram_offered, gpu_offered, cpu_system, cpu_user, ram_system, ram_user, covered_ms, spot_ms,
            undiscounted + toFloat64(cpu_charged + ram_charged - known_cost), 0., 0.] AS amounts,
        -- not what pods that no node is told for have cost, where that is nothing
        arrayConcat(
            if(known_first_s > 0 OR cpu_charged != 0 OR ram_charged != 0 OR gpu_charged != 0,
                [('Node', [cpu_charged, ram_charged, gpu_charged, nothing, known_adjustment + stated_adjustment])], []),
            if(network != 0 OR network_adjustment != 0, [('Network', [nothing, nothing, nothing, network, network_adjustment])], []),
            if(external != 0, [('Cloud', [nothing, nothing, nothing, external, nothing])], [])) AS parts
    FROM
    (
        SELECT
            toUInt32(roundDown(toUnixTimestamp(c.hour), {set_starts:Array(UInt32)})) AS set_s, cluster, node,
            toDecimal128(0, 12) AS nothing,
            min(toUnixTimestamp(c.hour)) AS usage_first_s,
            max(toUnixTimestamp(c.hour)) AS usage_last_s,
            {{sum toDecimal128(c.cpu_cost, 12)}} AS cpu_charged,
            {{sum toDecimal128(c.ram_cost, 12)}} AS ram_charged,
            {{sum toDecimal128(c.gpu_cost, 12)}} AS gpu_charged,
            {{sum toDecimal128(c.network_cross_zone_cost, 12) + c.network_cross_region_cost + c.network_internet_cost}} AS network,
            {{sum toDecimal128(c.network_cost_adjustment, 12)}} AS network_adjustment,
            {{sum toDecimal128(c.external_cost, 12)}} AS external,
            {{sum if(c.price_version = 'stated', toDecimal128(c.cpu_cost_adjustment, 12) + c.ram_cost_adjustment + c.gpu_cost_adjustment, 0)}} AS stated_adjustment,
            toFloat64(sumIf(c.cpu_usage_core_seconds, c.namespace = 'kube-system')) AS cpu_system,
            toFloat64(sumIf(c.cpu_usage_core_seconds, c.namespace != 'kube-system')) AS cpu_user,
            sumIf(toFloat64(c.ram_usage_byte_seconds), c.namespace = 'kube-system') AS ram_system,
            sumIf(toFloat64(c.ram_usage_byte_seconds), c.namespace != 'kube-system') AS ram_user
        FROM container_hours AS c FINAL
        WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
            AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
            AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
        GROUP BY set_s, cluster, node
    ) AS u
    FULL JOIN
    (
        SELECT
            toUInt32(roundDown(toUnixTimestamp(n.hour), {set_starts:Array(UInt32)})) AS set_s, cluster, node,
            argMaxIf(n.provider_id, n.hour, n.provider_id != '') AS provider_id,
            argMaxIf(n.zone, n.hour, n.zone != '') AS zone,
            argMaxIf(n.region, n.hour, n.region != '') AS region,
            argMaxIf(n.instance_type, n.hour, n.instance_type != '') AS instance_type,
            argMaxIf(CAST(n.labels, 'Map(String, String)'), n.hour, notEmpty(n.labels)) AS labels,
            min(toUnixTimestamp(n.hour)) AS known_first_s,
            max(toUnixTimestamp(n.hour)) AS known_last_s,
            toUInt32(3600000 - least(argMin(n.covered_ms, n.hour), 3600000)) AS first_gap_ms,
            argMax(n.covered_ms, n.hour) AS last_run_ms,
            toFloat64(sum(n.cpu_capacity_core_seconds)) AS cpu_offered,
            sum(toFloat64(n.ram_capacity_byte_seconds)) AS ram_offered,
            toFloat64(sum(n.gpu_capacity_seconds)) AS gpu_offered,
            toFloat64(sum(n.covered_ms)) AS covered_ms,
            toFloat64(sumIf(n.covered_ms, n.spot)) AS spot_ms,
            {{sum toDecimal128(n.cpu_cost, 12) + n.ram_cost}} AS known_cost,
            {{sum toDecimal128(n.cost_adjustment, 12)}} AS known_adjustment,
            -- what is for nothing has no price that it would be a part of
            toFloat64({{sum toFloat64(n.cpu_cost + n.ram_cost) / if(n.discount < 1, 1 - toFloat64(n.discount), 1)}}) AS undiscounted
        FROM node_hours AS n FINAL
        WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
            AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
            AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
        GROUP BY set_s, cluster, node
    ) AS k
    USING (set_s, cluster, node)
)
ARRAY JOIN parts AS asset
