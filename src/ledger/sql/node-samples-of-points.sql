-- Nodes as Prometheus saw them: sizes from kube-state-metrics at each of its scrapes, prices from OpenCost's metrics, and
-- what else is known about a node from both, as it was told last. In any five minutes in which a source has nothing from
-- kube-state-metrics, a node is known to be there by its cAdvisor series, and what was known of it before stands.
--
-- Only what was scraped in this hour and the one before counts: how a node is labelled later says nothing about now.
-- `told` is planned again wherever it stands, and there are far more of cAdvisor's points than of all others: hence one
-- pass over the points, and none over those that are not needed.
WITH
    toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AS hour_at,
    told AS
    (
        SELECT
            *,
            metric IN ('kube_node_info', 'kube_node_labels', 'node_total_hourly_cost', 'kubecost_node_is_spot') AS describes,
            if(describes, JSONExtractString(all_labels, 'provider_id'), '') AS provider,
            if(describes, coalesce(
                nullIf(JSONExtractString(all_labels, 'label_node_kubernetes_io_instance_type'), ''),
                nullIf(JSONExtractString(all_labels, 'label_beta_kubernetes_io_instance_type'), ''),
                JSONExtractString(all_labels, 'instance_type')), '') AS type,
            if(describes, coalesce(
                nullIf(JSONExtractString(all_labels, 'label_topology_kubernetes_io_region'), ''),
                nullIf(JSONExtractString(all_labels, 'label_failure_domain_beta_kubernetes_io_region'), ''),
                JSONExtractString(all_labels, 'region')), '') AS area,
            if(describes, coalesce(
                nullIf(JSONExtractString(all_labels, 'label_topology_kubernetes_io_zone'), ''),
                JSONExtractString(all_labels, 'label_failure_domain_beta_kubernetes_io_zone')), '') AS area_part,
            metric = 'kube_node_labels' AND (
                JSONExtractString(all_labels, 'label_karpenter_sh_capacity_type') = 'spot'
                OR JSONExtractString(all_labels, 'label_eks_amazonaws_com_capacityType') = 'SPOT'
                OR JSONExtractString(all_labels, 'label_cloud_google_com_gke_spot') = 'true'
                OR JSONExtractString(all_labels, 'label_kubernetes_azure_com_scalesetpriority') = 'spot') AS spot_label,
            if(metric = 'kube_node_labels', all_labels, '') AS node_labels,
            metric = 'kube_node_status_capacity_cpu_cores'
                OR (metric = 'kube_node_status_capacity' AND JSONExtractString(all_labels, 'resource') = 'cpu') AS of_cpu,
            metric = 'kube_node_status_capacity_memory_bytes'
                OR (metric = 'kube_node_status_capacity' AND JSONExtractString(all_labels, 'resource') = 'memory') AS of_memory,
            -- nano-GPUs in one of the resource (core/gpu.ts), as kube-state-metrics spells it; 0 where it is none
            if(metric = 'kube_node_status_capacity', JSONExtractString(all_labels, 'resource'), '') AS capacity_of,
            if(match(capacity_of, '_gpu(_shared)?$'), 1000000000, intDiv(toInt64(toUInt8OrZero(extract(capacity_of, '^nvidia_com_mig_([1-7])g_'))) * 1000000000, 7)) AS gpu_share
        FROM
        (
            SELECT source, id, any(s.metric) AS metric, any(s.node) AS node, any(s.labels) AS all_labels
            FROM series AS s
            WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source IN {point_sources:Array(String)}
                AND day IN (toDate({hour:DateTime64(3, 'UTC')}), toDate({hour:DateTime64(3, 'UTC')} - toIntervalHour(1))) AND s.node != ''
                AND s.metric IN (
                    'kube_node_info', 'kube_node_labels', 'kube_node_status_capacity', 'kube_node_status_capacity_cpu_cores',
                    'kube_node_status_capacity_memory_bytes', 'node_total_hourly_cost', 'kubecost_node_is_spot', 'node_gpu_count',
                    'container_memory_working_set_bytes')
            GROUP BY source, id
        )
    ),
    -- five minutes in which kube-state-metrics told a source something, begun at these instants
    (
        SELECT groupUniqArray((toString(source), toStartOfFiveMinutes(at)))
        FROM points
        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source IN {point_sources:Array(String)}
            AND toStartOfHour(at) IN (hour_at - 3600, hour_at)
            AND id IN
            (
                SELECT id
                FROM series
                WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source IN {point_sources:Array(String)}
                    AND day IN (toDate({hour:DateTime64(3, 'UTC')}), toDate({hour:DateTime64(3, 'UTC')} - toIntervalHour(1))) AND node != ''
                    AND metric IN ('kube_node_status_capacity', 'kube_node_status_capacity_cpu_cores', 'kube_node_status_capacity_memory_bytes')
            )
    ) AS heard,
    length({point_sources:Array(String)}) * arrayCount(i -> hour_at - 3600 + 300 * i <= now('UTC'), range(24)) > length(heard) AS any_silence,
    instants AS
    (
        SELECT
            p.source AS source, told.node AS node, p.at AS at,
            max(metric NOT IN ('kube_node_info', 'kube_node_labels')) AS sighted,
            -- what no machine has is no size
            maxIf(toInt64(round(p.value * 1000000000)), of_cpu AND p.value BETWEEN 0 AND 1e6) AS cpu_nanocores,
            maxIf(toInt64(round(p.value)), of_memory AND p.value BETWEEN 0 AND 1e15) AS memory_bytes,
            -- a GPU whose slices leave some of it over was paid for whole
            intDiv(sumIf(toInt64(p.value) * gpu_share, gpu_share > 0 AND p.value BETWEEN 0 AND 1e5) + 999999999, 1000000000) * 1000000000 AS gpu_nanos,
            -- OpenCost's own count, where kube-state-metrics tells of none
            maxIf(toInt64(round(p.value * 1000000000)), metric = 'node_gpu_count' AND p.value BETWEEN 0 AND 1e5) AS gpu_nanos_told,
            maxOrNullIf(p.value, metric = 'node_total_hourly_cost') AS price,
            max(told.provider) AS provider,
            max(told.type) AS type,
            max(told.area) AS area,
            max(told.area_part) AS area_part,
            max(metric = 'kube_node_labels') AS labelled,
            max(told.spot_label) AS spot_label,
            max(told.node_labels) AS node_labels,
            max(metric = 'kubecost_node_is_spot') AS spot_told,
            max(metric = 'kubecost_node_is_spot' AND p.value > 0) AS spot_value
        FROM points AS p
        INNER JOIN told ON p.source = told.source AND p.id = told.id
        WHERE p.tenant = {tenant:UUID} AND p.cluster = {cluster:UUID} AND p.source IN {point_sources:Array(String)}
            AND toStartOfHour(p.at) IN (hour_at - 3600, hour_at)
            AND p.id IN
            (
                SELECT id
                FROM series
                WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source IN {point_sources:Array(String)}
                    AND day IN (toDate({hour:DateTime64(3, 'UTC')}), toDate({hour:DateTime64(3, 'UTC')} - toIntervalHour(1))) AND node != ''
                    AND (metric IN (
                        'kube_node_info', 'kube_node_labels', 'kube_node_status_capacity', 'kube_node_status_capacity_cpu_cores',
                        'kube_node_status_capacity_memory_bytes', 'node_total_hourly_cost', 'kubecost_node_is_spot', 'node_gpu_count')
                        OR (any_silence AND metric = 'container_memory_working_set_bytes'))
            )
            AND (metric != 'container_memory_working_set_bytes' OR NOT has(heard, (toString(p.source), toStartOfFiveMinutes(p.at))))
        GROUP BY source, node, at
    )
SELECT
    source, at, toUInt32(1) AS digest, node, provider_id, instance_type, region, zone, spot, cpu_capacity, memory_capacity, gpu_capacity, hourly_cost, labels
FROM
(
    SELECT
        source, at, node, sighted,
        (max(gpu_nanos) OVER same_node) > 0 AS gpus_by_state,
        argMaxIf(provider, at, provider != '') OVER same_node AS provider_id,
        argMaxIf(type, at, type != '') OVER same_node AS instance_type,
        argMaxIf(area, at, area != '') OVER same_node AS region,
        argMaxIf(area_part, at, area_part != '') OVER same_node AS zone,
        (argMaxIf(spot_label, at, labelled) OVER same_node) OR (argMaxIf(spot_value, at, spot_told) OVER same_node) AS spot,
        if(cpu_nanocores > 0, cpu_nanocores, NULL) AS cpu_capacity,
        if(memory_bytes > 0, memory_bytes, NULL) AS memory_capacity,
        multiIf(gpu_nanos > 0, gpu_nanos, gpu_nanos_told > 0 AND NOT gpus_by_state, gpu_nanos_told, NULL) AS gpu_capacity,
        toDecimal64OrNull(toString(round(price, 12)), 12) AS hourly_cost,
        argMaxIf(node_labels, at, labelled) OVER same_node AS last_labels,
        toJSONString(mapSort(mapApply((k, v) -> (substring(k, 7), v),
            mapFilter((k, v) -> startsWith(k, 'label_'), JSONExtract(last_labels, 'Map(String, String)'))))) AS labels
    FROM instants
    WINDOW same_node AS (PARTITION BY source, node)
)
WHERE sighted
