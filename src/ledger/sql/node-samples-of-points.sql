-- Nodes as Prometheus saw them: sizes from kube-state-metrics at each of its scrapes, prices from OpenCost's metrics, and
-- what else is known about a node from both, as it was told last. In any five minutes in which a source has nothing from
-- kube-state-metrics, a node is known to be there by its cAdvisor series, and what was known of it before stands.
--
-- Only what was scraped in this hour and the one before counts: how a node is labelled later says nothing about now.
WITH
    toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AS hour_at,
    told AS
    (
        SELECT source, id, any(s.metric) AS metric, any(s.node) AS node, any(s.labels) AS labels
        FROM series AS s
        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source IN {point_sources:Array(String)}
            AND day IN (toDate({hour:DateTime64(3, 'UTC')}), toDate({hour:DateTime64(3, 'UTC')} - toIntervalHour(1))) AND s.node != ''
            AND s.metric IN (
                'kube_node_info', 'kube_node_labels', 'kube_node_status_capacity', 'kube_node_status_capacity_cpu_cores',
                'kube_node_status_capacity_memory_bytes', 'node_total_hourly_cost', 'kubecost_node_is_spot',
                'container_memory_working_set_bytes')
        GROUP BY source, id
    ),
    -- there are far more of cAdvisor's points than of all others: they are not read where they are not needed
    silences AS
    (
        SELECT source, bucket
        FROM
        (
            SELECT
                arrayJoin({point_sources:Array(String)}) AS source,
                arrayJoin(arrayMap(i -> hour_at - 3600 + 300 * i, range(24))) AS bucket
        )
        WHERE bucket <= now('UTC') AND (source, bucket) NOT IN
        (
            SELECT toString(source), toStartOfFiveMinutes(at)
            FROM points
            WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source IN {point_sources:Array(String)}
                AND toStartOfHour(at) IN (hour_at - 3600, hour_at)
                AND (source, id) IN (SELECT source, id FROM told WHERE metric LIKE 'kube_node_status_capacity%')
        )
    ),
    seen AS
    (
        SELECT
            p.source AS source, p.at AS at, p.value AS value,
            told.metric AS metric, told.node AS node, told.labels AS labels, JSONExtractString(told.labels, 'resource') AS resource
        FROM points AS p
        INNER JOIN told ON p.source = told.source AND p.id = told.id
        WHERE p.tenant = {tenant:UUID} AND p.cluster = {cluster:UUID} AND p.source IN {point_sources:Array(String)}
            AND toStartOfHour(p.at) IN (hour_at - 3600, hour_at)
            AND p.id IN (SELECT id FROM told WHERE metric != 'container_memory_working_set_bytes' OR source IN (SELECT source FROM silences))
            AND (told.metric != 'container_memory_working_set_bytes' OR (toString(p.source), toStartOfFiveMinutes(p.at)) IN (SELECT source, bucket FROM silences))
    ),
    described AS
    (
        SELECT source, node, metric, labels, max(seen.at) AS last_at, argMax(seen.value, (seen.at, seen.value)) AS last_value
        FROM seen
        WHERE metric IN ('kube_node_info', 'kube_node_labels', 'node_total_hourly_cost', 'kubecost_node_is_spot')
        GROUP BY source, node, metric, labels
    ),
    places AS
    (
        SELECT
            source, node,
            argMaxIf(provider, (last_at, provider), provider != '') AS provider_id,
            argMaxIf(type, (last_at, type), type != '') AS instance_type,
            argMaxIf(area, (last_at, area), area != '') AS region,
            argMaxIf(area_part, (last_at, area_part), area_part != '') AS zone,
            argMaxIf(spot_label, (last_at, spot_label), metric = 'kube_node_labels')
                OR argMaxIf(last_value > 0, (last_at, last_value), metric = 'kubecost_node_is_spot') AS spot,
            toJSONString(mapSort(mapApply((k, v) -> (substring(k, 7), v), mapFilter((k, v) -> startsWith(k, 'label_'),
                JSONExtract(argMaxIf(d.labels, (last_at, d.labels), metric = 'kube_node_labels'), 'Map(String, String)'))))) AS labels
        FROM
        (
            SELECT
                *,
                JSONExtractString(labels, 'provider_id') AS provider,
                coalesce(
                    nullIf(JSONExtractString(labels, 'label_node_kubernetes_io_instance_type'), ''),
                    nullIf(JSONExtractString(labels, 'label_beta_kubernetes_io_instance_type'), ''),
                    JSONExtractString(labels, 'instance_type')) AS type,
                coalesce(
                    nullIf(JSONExtractString(labels, 'label_topology_kubernetes_io_region'), ''),
                    nullIf(JSONExtractString(labels, 'label_failure_domain_beta_kubernetes_io_region'), ''),
                    JSONExtractString(labels, 'region')) AS area,
                coalesce(
                    nullIf(JSONExtractString(labels, 'label_topology_kubernetes_io_zone'), ''),
                    JSONExtractString(labels, 'label_failure_domain_beta_kubernetes_io_zone')) AS area_part,
                JSONExtractString(labels, 'label_karpenter_sh_capacity_type') = 'spot'
                    OR JSONExtractString(labels, 'label_eks_amazonaws_com_capacityType') = 'SPOT'
                    OR JSONExtractString(labels, 'label_cloud_google_com_gke_spot') = 'true'
                    OR JSONExtractString(labels, 'label_kubernetes_azure_com_scalesetpriority') = 'spot' AS spot_label
            FROM described
        ) AS d
        GROUP BY source, node
    )
SELECT
    seen.source AS source,
    seen.at AS at,
    toUInt32(1) AS digest,
    seen.node AS node,
    places.provider_id AS provider_id,
    places.instance_type AS instance_type,
    places.region AS region,
    places.zone AS zone,
    places.spot AS spot,
    -- what no machine has is no size
    maxIf(toInt64(round(seen.value * 1000000000)), seen.value BETWEEN 0 AND 1e6
        AND (metric = 'kube_node_status_capacity_cpu_cores' OR (metric = 'kube_node_status_capacity' AND resource = 'cpu'))) AS cpu_nanocores,
    maxIf(toInt64(round(seen.value)), seen.value BETWEEN 0 AND 1e15
        AND (metric = 'kube_node_status_capacity_memory_bytes' OR (metric = 'kube_node_status_capacity' AND resource = 'memory'))) AS memory_bytes,
    if(cpu_nanocores > 0, cpu_nanocores, NULL) AS cpu_capacity,
    if(memory_bytes > 0, memory_bytes, NULL) AS memory_capacity,
    toDecimal64OrNull(toString(round(maxOrNullIf(seen.value, metric = 'node_total_hourly_cost'), 12)), 12) AS hourly_cost,
    places.labels AS labels
FROM seen
LEFT JOIN places ON seen.source = places.source AND seen.node = places.node
WHERE seen.metric NOT IN ('kube_node_info', 'kube_node_labels')
GROUP BY source, node, at, provider_id, instance_type, region, zone, spot, labels
