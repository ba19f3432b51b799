-- One day of one cluster's nodes, from its hours alone: what each was, and what ran on it.
INSERT INTO node_days
(
    tenant, cluster, day, node, first_hour, last_hour, first_covered_ms, last_covered_ms, provider_id, instance_type, region, zone, labels,
    covered_ms, spot_ms, cpu_capacity_core_seconds, ram_capacity_byte_seconds, gpu_capacity_seconds, priced_cost, undiscounted_cost,
    cost_adjustment, first_used_hour, last_used_hour, cpu_cost, ram_cost, gpu_cost, network_cost, network_cost_adjustment, external_cost,
    stated_adjustment, cpu_system_core_seconds, cpu_user_core_seconds, ram_system_byte_seconds, ram_user_byte_seconds, withdrawn, version
)
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    {day:Date} AS day,
    node, first_hour, last_hour, first_covered_ms, last_covered_ms, provider_id, instance_type, region, zone, labels,
    covered_ms, spot_ms, cpu_capacity_core_seconds, ram_capacity_byte_seconds, gpu_capacity_seconds, priced_cost, undiscounted_cost,
    cost_adjustment, first_used_hour, last_used_hour, cpu_cost, ram_cost, gpu_cost, network_cost, network_cost_adjustment, external_cost,
    stated_adjustment, cpu_system_core_seconds, cpu_user_core_seconds, ram_system_byte_seconds, ram_user_byte_seconds,
    false AS withdrawn,
    {version:UInt64} AS version
FROM
(
    SELECT
        n.node AS node,
        min(n.hour) AS first_hour,
        max(n.hour) AS last_hour,
        argMin(n.covered_ms, n.hour) AS first_covered_ms,
        argMax(n.covered_ms, n.hour) AS last_covered_ms,
        argMaxIf(n.provider_id, n.hour, n.provider_id != '') AS provider_id,
        argMaxIf(n.instance_type, n.hour, n.instance_type != '') AS instance_type,
        argMaxIf(n.region, n.hour, n.region != '') AS region,
        argMaxIf(n.zone, n.hour, n.zone != '') AS zone,
        argMaxIf(n.labels, n.hour, notEmpty(n.labels)) AS labels,
        sum(n.covered_ms) AS covered_ms,
        sumIf(n.covered_ms, n.spot) AS spot_ms,
        sum(n.cpu_capacity_core_seconds) AS cpu_capacity_core_seconds,
        sum(toInt128(n.ram_capacity_byte_seconds)) AS ram_capacity_byte_seconds,
        sum(n.gpu_capacity_seconds) AS gpu_capacity_seconds,
        sum(toDecimal128(n.cpu_cost, 12) + n.ram_cost) AS priced_cost,
        -- what is for nothing has no price that it would be a part of
        sum(toDecimal128(toFloat64(n.cpu_cost + n.ram_cost) / if(n.discount < 1, 1 - toFloat64(n.discount), 1), 12)) AS undiscounted_cost,
        sum(toDecimal128(n.cost_adjustment, 12)) AS cost_adjustment
    FROM node_hours AS n FINAL
    WHERE n.tenant = {tenant:UUID} AND n.cluster = {cluster:UUID} AND n.day = {day:Date} AND NOT n.withdrawn
    GROUP BY n.node
) AS known
FULL JOIN
(
    SELECT
        c.node AS node,
        min(c.hour) AS first_used_hour,
        max(c.hour) AS last_used_hour,
        sum(c.cpu_cost) AS cpu_cost,
        sum(c.ram_cost) AS ram_cost,
        sum(c.gpu_cost) AS gpu_cost,
        sum(toDecimal128(c.network_cross_zone_cost, 12) + c.network_cross_region_cost + c.network_internet_cost) AS network_cost,
        sum(c.network_cost_adjustment) AS network_cost_adjustment,
        sum(c.external_cost) AS external_cost,
        sumIf(toDecimal128(c.cpu_cost_adjustment, 12) + c.ram_cost_adjustment + c.gpu_cost_adjustment, c.price_version = 'stated') AS stated_adjustment,
        sumIf(c.cpu_usage_core_seconds, c.namespace = 'kube-system') AS cpu_system_core_seconds,
        sumIf(c.cpu_usage_core_seconds, c.namespace != 'kube-system') AS cpu_user_core_seconds,
        sumIf(toInt128(c.ram_usage_byte_seconds), c.namespace = 'kube-system') AS ram_system_byte_seconds,
        sumIf(toInt128(c.ram_usage_byte_seconds), c.namespace != 'kube-system') AS ram_user_byte_seconds
    FROM container_hours AS c FINAL
    WHERE c.tenant = {tenant:UUID} AND c.cluster = {cluster:UUID} AND c.day = {day:Date} AND NOT c.withdrawn
    GROUP BY c.node
) AS used
USING (node)
UNION ALL
SELECT
    tenant, cluster, day, node, 0, 0, 0, 0, '', '', '', '', map(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, true, {version:UInt64} - 1
FROM node_days
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = {day:Date}
GROUP BY tenant, cluster, day, node
