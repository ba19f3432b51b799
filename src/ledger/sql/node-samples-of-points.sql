-- Nodes as Prometheus saw them: sizes from kube-state-metrics at each of its scrapes, prices from OpenCost's metrics, and
-- what never changes about a node from both. Without kube-state-metrics a node is known to be there by its cAdvisor series.
WITH
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
    seen AS
    (
        SELECT p.source AS source, p.at AS at, p.value AS value, told.metric AS metric, told.node AS node, JSONExtractString(told.labels, 'resource') AS resource
        FROM points AS p
        INNER JOIN told ON p.source = told.source AND p.id = told.id
        WHERE p.tenant = {tenant:UUID} AND p.cluster = {cluster:UUID} AND p.source IN {point_sources:Array(String)}
            AND toStartOfHour(p.at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
            AND p.id IN (SELECT id FROM told WHERE metric IN (
                'kube_node_status_capacity', 'kube_node_status_capacity_cpu_cores', 'kube_node_status_capacity_memory_bytes',
                'node_total_hourly_cost', 'kubecost_node_is_spot')
                OR (metric = 'container_memory_working_set_bytes' AND (SELECT countIf(metric LIKE 'kube_node_status_capacity%') FROM told) = 0))
    ),
    places AS
    (
        SELECT
            source, node,
            max(JSONExtractString(t.labels, 'provider_id')) AS provider_id,
            max(coalesce(
                nullIf(JSONExtractString(t.labels, 'label_node_kubernetes_io_instance_type'), ''),
                nullIf(JSONExtractString(t.labels, 'label_beta_kubernetes_io_instance_type'), ''),
                JSONExtractString(t.labels, 'instance_type'))) AS instance_type,
            max(coalesce(
                nullIf(JSONExtractString(t.labels, 'label_topology_kubernetes_io_region'), ''),
                nullIf(JSONExtractString(t.labels, 'label_failure_domain_beta_kubernetes_io_region'), ''),
                JSONExtractString(t.labels, 'region'))) AS region,
            max(coalesce(
                nullIf(JSONExtractString(t.labels, 'label_topology_kubernetes_io_zone'), ''),
                JSONExtractString(t.labels, 'label_failure_domain_beta_kubernetes_io_zone'))) AS zone,
            max(JSONExtractString(t.labels, 'label_karpenter_sh_capacity_type') = 'spot'
                OR JSONExtractString(t.labels, 'label_eks_amazonaws_com_capacityType') = 'SPOT'
                OR JSONExtractString(t.labels, 'label_cloud_google_com_gke_spot') = 'true'
                OR JSONExtractString(t.labels, 'label_kubernetes_azure_com_scalesetpriority') = 'spot') AS labelled_spot,
            toJSONString(mapSort(mapApply((k, v) -> (substring(k, 7), v), mapFilter((k, v) -> startsWith(k, 'label_'),
                JSONExtract(maxIf(t.labels, t.metric = 'kube_node_labels'), 'Map(String, String)'))))) AS labels
        FROM told AS t
        WHERE t.metric IN ('kube_node_info', 'kube_node_labels', 'node_total_hourly_cost', 'kubecost_node_is_spot')
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
    (places.labelled_spot OR maxIf(seen.value, metric = 'kubecost_node_is_spot') > 0) AS spot,
    maxIf(toInt64(round(seen.value * 1000000000)),
        metric = 'kube_node_status_capacity_cpu_cores' OR (metric = 'kube_node_status_capacity' AND resource = 'cpu')) AS cpu_nanocores,
    maxIf(toInt64(round(seen.value)),
        metric = 'kube_node_status_capacity_memory_bytes' OR (metric = 'kube_node_status_capacity' AND resource = 'memory')) AS memory_bytes,
    if(cpu_nanocores > 0, cpu_nanocores, NULL) AS cpu_capacity,
    if(memory_bytes > 0, memory_bytes, NULL) AS memory_capacity,
    toDecimal64OrNull(toString(round(maxOrNullIf(seen.value, metric = 'node_total_hourly_cost'), 12)), 12) AS hourly_cost,
    places.labels AS labels
FROM seen
LEFT JOIN places ON seen.source = places.source AND seen.node = places.node
GROUP BY source, node, at, provider_id, instance_type, region, zone, places.labelled_spot, labels
