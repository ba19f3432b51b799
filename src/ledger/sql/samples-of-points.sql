-- Samples of containers, assembled from the Prometheus series of the hour (series-of-hour.sql).
--
-- CPU: cAdvisor counts core-seconds. What it grew by between two scrapes is the usage from the first on, so that holding
-- it until the next gives back exactly the growth; a counter that fell has restarted and grew by what it shows. A container
-- whose pod's start is known and near has used since then what its counter first shows. Memory: the working set at the
-- scrape. Requests, phases, starts and ends: kube-state-metrics, which goes on listing the requests of pods that do not run.
-- Each row tells what one scrape of one exporter knew and leaves the rest NULL; the rollup lets what was told last stand.
-- Points of the next hour's first minutes are read too, for the growth that reaches into them.
-- GPUs: requests as kube-state-metrics spells their resources, what one of them is of a GPU as core/gpu.ts says, and usage
-- from NVIDIA's DCGM exporter: how busy each GPU is, and of a slice (GPU_I_PROFILE) its part of one; a container's GPUs are added up.
-- Where traffic goes is Kubecost's network-costs to tell; what stays in a zone costs nothing and is passed over.
-- More than 10,000 cores are nobody's: a counter that leaps is cut off there, so that its hour can be computed at all.
WITH
    {hour:DateTime64(3, 'UTC')} AS hour_at,
    owners AS
    (
        SELECT
            if(metric = 'kube_job_owner', 'Job', 'ReplicaSet') AS owner_kind,
            namespace,
            if(metric = 'kube_job_owner', JSONExtractString(labels, 'job_name'), JSONExtractString(labels, 'replicaset')) AS owner_name,
            max((JSONExtractString(labels, 'owner_kind'), JSONExtractString(labels, 'owner_name'))) AS above
        FROM {scratch:Identifier}
        WHERE metric IN ('kube_replicaset_owner', 'kube_job_owner')
        GROUP BY owner_kind, namespace, owner_name
    ),
    pod_facts AS
    (
        SELECT
            namespace, pod,
            arraySort(groupArrayIf((points[-1].1, h.uid, h.node), metric = 'kube_pod_info' AND h.node != '')) AS infos,
            argMaxIf((JSONExtractString(h.labels, 'owner_kind'), JSONExtractString(h.labels, 'owner_name')), points[-1].1, metric = 'kube_pod_owner') AS owner,
            argMaxIf(h.labels, points[-1].1, metric = 'kube_pod_labels') AS pod_labels,
            arraySort(groupUniqArrayArrayIf(arrayMap(p -> toInt64(p.2) * 1000, points), metric = 'kube_pod_start_time')) AS starts,
            arraySort(groupUniqArrayArrayIf(arrayMap(p -> toInt64(p.2) * 1000, points), metric = 'kube_pod_completion_time')) AS ends,
            arrayFlatten(groupArrayIf(arrayMap(p -> p.1, arrayFilter(p -> p.2 = 0, points)), metric = 'kube_pod_status_phase')) AS idle_ats
        FROM {scratch:Identifier} AS h
        WHERE metric IN ('kube_pod_info', 'kube_pod_owner', 'kube_pod_labels', 'kube_pod_start_time', 'kube_pod_completion_time')
            OR (metric = 'kube_pod_status_phase' AND JSONExtractString(h.labels, 'phase') = 'Running')
        GROUP BY namespace, pod
    ),
    pods AS
    (
        SELECT
            f.*,
            -- pods that had this name one after another: when each began (of the first nobody asks), its uid and its node
            arrayMap(
                (info, i, before) -> (if(i = 1, toInt64(0), greatest(arrayFirst(started -> started > before.1 AND started <= info.1, starts), before.1 + 1)), info.2, info.3),
                infos, arrayEnumerate(infos), arrayPopBack(arrayPushFront(infos, infos[1]))) AS lives,
            if(owners.above.2 != '', owners.above.1, if(f.owner.1 = 'Node', '', f.owner.1)) AS controller_kind,
            if(owners.above.2 != '', owners.above.2, if(f.owner.1 = 'Node', '', f.owner.2)) AS controller,
            if(f.pod_labels = '', '', toJSONString(mapSort(mapApply((k, v) -> (substring(k, 7), v),
                mapFilter((k, v) -> startsWith(k, 'label_'), JSONExtract(f.pod_labels, 'Map(String, String)')))))) AS own_labels
        FROM pod_facts AS f
        LEFT JOIN owners ON f.owner.1 = owners.owner_kind AND f.namespace = owners.namespace AND f.owner.2 = owners.owner_name
    ),
    -- a container that was started anew has another series: its counter begins again, as after any reset
    used AS
    (
        SELECT
            namespace, pod, container, node,
            arraySort(groupArrayArrayIf(points, metric = 'container_cpu_usage_seconds_total')) AS cpu,
            arraySort(groupArrayArrayIf(points, metric = 'container_memory_working_set_bytes')) AS ram
        FROM {scratch:Identifier}
        WHERE metric IN ('container_cpu_usage_seconds_total', 'container_memory_working_set_bytes') AND container NOT IN ('', 'POD')
        GROUP BY namespace, pod, container, node
    ),
    -- what is asked for seldom changes: when it does, and often enough in between to stand
    asked AS
    (
        SELECT
            namespace, pod, container, node,
            arrayFilter((point, before) -> point.2 != before.2 OR intDiv(point.1, bucket) != intDiv(before.1, bucket),
                points, arrayPopBack(arrayPushFront(points, (toInt64(0), toFloat64(-1))))) AS points,
            toInt64(intDiv({asked_hold_ms:UInt32}, 2)) AS bucket,
            if(metric = 'kube_pod_container_resource_requests', JSONExtractString(labels, 'resource'), '') AS resource,
            resource = 'cpu' OR metric IN ('kube_pod_container_resource_requests_cpu_cores', 'container_cpu_allocation') AS of_cpu,
            -- nano-GPUs in one of it; 0 where it is none
            if(metric = 'container_gpu_allocation' OR match(resource, '_gpu(_shared)?$'), 1000000000,
                intDiv(toInt64(toUInt8OrZero(extract(resource, '^nvidia_com_mig_([1-7])g_'))) * 1000000000, 7)) AS gpu_share
        FROM {scratch:Identifier}
        WHERE container NOT IN ('', 'POD') AND (
            metric IN ('kube_pod_container_resource_requests_cpu_cores', 'kube_pod_container_resource_requests_memory_bytes')
            OR (metric = 'kube_pod_container_resource_requests' AND (resource IN ('cpu', 'memory') OR gpu_share > 0))
            OR (metric = 'container_gpu_allocation' AND (namespace, pod, container) NOT IN (
                SELECT namespace, pod, container FROM {scratch:Identifier} WHERE metric = 'kube_pod_container_resource_requests'))
            -- what OpenCost says was allocated speaks for a container that nothing else tells of
            OR (metric IN ('container_cpu_allocation', 'container_memory_allocation_bytes')
                AND (namespace, pod, container) NOT IN (SELECT namespace, pod, container FROM {scratch:Identifier} WHERE metric IN ('container_cpu_usage_seconds_total', 'kube_pod_container_resource_requests'))))
    ),
    busy AS
    (
        SELECT
            namespace, pod, container, node, point.1 AS at_ms,
            toInt64(round(if(countIf(metric = 'DCGM_FI_PROF_GR_ENGINE_ACTIVE') > 0,
                sumIf(least(point.2, 1) * slice, metric = 'DCGM_FI_PROF_GR_ENGINE_ACTIVE'), sum(least(point.2, 100) / 100)) * 1000000000)) AS gpu_nanos
        FROM
        (
            SELECT
                namespace, pod, container, node, metric, points,
                toUInt8OrZero(extract(JSONExtractString(labels, 'GPU_I_PROFILE'), '^([1-7])g\\.')) AS slices,
                if(slices > 0, slices / 7, 1) AS slice
            FROM {scratch:Identifier}
            -- a GPU that nobody holds is told of under the exporter's own name
            WHERE metric IN ('DCGM_FI_PROF_GR_ENGINE_ACTIVE', 'DCGM_FI_DEV_GPU_UTIL') AND container NOT IN ('', 'POD') AND position(pod, 'dcgm-exporter') = 0
        )
        ARRAY JOIN points AS point
        GROUP BY namespace, pod, container, node, at_ms
    ),
    -- all that a pod's interfaces counted in the hour, told as one counter that begins at nothing
    network AS
    (
        SELECT
            namespace, pod,
            min(points[1].1) AS first_ms,
            max(points[-1].1) AS last_ms,
            toInt64(sumIf(grown, flow = 'received')) AS received,
            toInt64(sumIf(grown, flow = 'sent')) AS sent,
            toInt64(sumIf(grown, flow = 'zone')) AS zone_sent,
            toInt64(sumIf(grown, flow = 'region')) AS region_sent,
            toInt64(sumIf(grown, flow = 'internet')) AS internet_sent
        FROM
        (
            SELECT
                namespace, pod,
                arrayFilter(point -> point.1 < toUnixTimestamp64Milli(hour_at) + 3600000, points) AS points,
                multiIf(
                    metric = 'container_network_receive_bytes_total', 'received',
                    metric = 'container_network_transmit_bytes_total', 'sent',
                    JSONExtractString(labels, 'internet') = 'true', 'internet',
                    'false' IN (JSONExtractString(labels, 'same_region'), JSONExtractString(labels, 'sameRegion')), 'region',
                    'false' IN (JSONExtractString(labels, 'same_zone'), JSONExtractString(labels, 'sameZone')), 'zone',
                    'near') AS flow,
                arraySum(arrayMap((before, after) -> if(after.1 < toUnixTimestamp64Milli(hour_at), 0, if(after.2 >= before.2, after.2 - before.2, after.2)),
                    arrayPopBack(points), arrayPopFront(points))) AS grown
            FROM {scratch:Identifier}
            WHERE metric IN ('container_network_receive_bytes_total', 'container_network_transmit_bytes_total', 'kubecost_pod_network_egress_bytes_total')
                AND JSONExtractString(labels, 'interface') != 'lo'
        )
        WHERE notEmpty(points)
        GROUP BY namespace, pod
    ),
    carriers AS
    (
        SELECT namespace, pod, min(t.container) AS container, argMin(t.node, (t.container, t.node)) AS node
        FROM {scratch:Identifier} AS t
        WHERE t.metric = 'container_cpu_usage_seconds_total' AND t.container NOT IN ('', 'POD')
        GROUP BY namespace, pod
    ),
    assembled AS
    (
        SELECT
            namespace, pod, container, node, row.1 AS at_ms, toUInt32(1) AS digest, row.2 AS cpu_usage, row.3 AS memory_usage,
            CAST(NULL AS Nullable(Int64)) AS cpu_request, CAST(NULL AS Nullable(Int64)) AS memory_request,
            CAST(NULL AS Nullable(Int64)) AS network_received, CAST(NULL AS Nullable(Int64)) AS network_sent,
            CAST(NULL AS Nullable(Int64)) AS gpu_usage, CAST(NULL AS Nullable(Int64)) AS gpu_request,
            CAST(NULL AS Nullable(Int64)) AS network_zone_sent, CAST(NULL AS Nullable(Int64)) AS network_region_sent,
            CAST(NULL AS Nullable(Int64)) AS network_internet_sent
        FROM
        (
            SELECT
                namespace, pod, container, node,
                -- one scrape tells both: then they are one row
                if(arrayMap(rate -> rate.1, rates) = arrayMap(point -> point.1, ram),
                    arrayMap((rate, point) -> CAST((rate.1, rate.2, toInt64(round(point.2))), 'Tuple(Int64, Nullable(Int64), Nullable(Int64))'), rates, ram),
                    arrayConcat(
                        arrayMap(rate -> CAST((rate.1, rate.2, NULL), 'Tuple(Int64, Nullable(Int64), Nullable(Int64))'), rates),
                        arrayMap(point -> CAST((point.1, NULL, toInt64(round(point.2))), 'Tuple(Int64, Nullable(Int64), Nullable(Int64))'), ram))) AS rows
            FROM
            (
                SELECT
                    u.namespace AS namespace, u.pod AS pod, u.container AS container, u.node AS node, ram,
                    arrayMax(arrayPushBack(arrayFilter(started -> started < cpu[1].1, pods.starts), toInt64(0))) AS started_ms,
                    -- the last point has no growth after it yet
                    arrayConcat(
                        if(notEmpty(cpu) AND started_ms > 0 AND started_ms > cpu[1].1 - {hold_ms:UInt32},
                            [(started_ms, toNullable(toInt64(least(round(cpu[1].2 * 1e12 / (cpu[1].1 - started_ms)), 1e13))))], []),
                        arrayMap((a, b) -> (a.1, toNullable(toInt64(least(round(if(b.2 >= a.2, b.2 - a.2, b.2) * 1e12 / greatest(b.1 - a.1, 1)), 1e13)))), arrayPopBack(cpu), arrayPopFront(cpu)),
                        if(notEmpty(cpu), [(cpu[-1].1, CAST(NULL AS Nullable(Int64)))], [])) AS rates
                FROM used AS u
                LEFT JOIN pods ON u.namespace = pods.namespace AND u.pod = pods.pod
            )
        )
        ARRAY JOIN rows AS row
        UNION ALL
        SELECT
            namespace, pod, container, node, point.1, 3, NULL, NULL,
            if(of_cpu, toInt64(round(least(point.2, 1e4) * 1000000000)), NULL), if(of_cpu OR gpu_share > 0, NULL, toInt64(round(point.2))), NULL, NULL,
            NULL, if(gpu_share > 0, toInt64(round(least(point.2, 1e4) * gpu_share)), NULL), NULL, NULL, NULL
        FROM asked
        ARRAY JOIN points AS point
        UNION ALL
        SELECT b.namespace, b.pod, b.container, if(b.node != '', b.node, carriers.node), b.at_ms, 2, NULL, NULL, NULL, NULL, NULL, NULL, b.gpu_nanos, NULL, NULL, NULL, NULL
        FROM busy AS b
        LEFT JOIN carriers ON b.namespace = carriers.namespace AND b.pod = carriers.pod
        UNION ALL
        SELECT
            n.namespace, n.pod, carriers.container, carriers.node, point.1, 0, NULL, NULL, NULL, NULL, point.2, point.3, NULL, NULL,
            point.4, point.5, point.6
        FROM network AS n
        INNER JOIN carriers ON n.namespace = carriers.namespace AND n.pod = carriers.pod
        ARRAY JOIN [
            (n.first_ms, toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0)),
            (n.last_ms, n.received, n.sent, n.zone_sent, n.region_sent, n.internet_sent)] AS point
    )
SELECT * EXCEPT (life, started_ms, ended_before_ms, ended_ms)
FROM
(
    SELECT
        fromUnixTimestamp64Milli(a.at_ms, 'UTC') AS at,
        a.digest AS digest,
        a.namespace AS namespace,
        a.pod AS pod,
        arrayLast(life -> life.1 <= a.at_ms, pods.lives) AS life,
        life.2 AS pod_uid,
        a.container AS container,
        if(a.node != '', a.node, life.3) AS node,
        a.cpu_usage AS cpu_usage,
        a.memory_usage AS memory_usage,
        a.cpu_request AS cpu_request,
        a.memory_request AS memory_request,
        if(a.digest = 3 AND has(pods.idle_ats, a.at_ms), 'Pending', 'Running') AS phase,
        arrayMax(arrayPushBack(arrayFilter(started -> started <= a.at_ms, pods.starts), toInt64(0))) AS started_ms,
        -- an end that no other start follows is this pod's; else it was that of a pod which had the name before
        arrayMax(arrayPushBack(arrayFilter(ended -> ended < a.at_ms AND ended >= started_ms, pods.ends), toInt64(0))) AS ended_before_ms,
        if(ended_before_ms > 0, ended_before_ms, arrayMin(arrayPushBack(arrayFilter(ended -> ended >= a.at_ms, pods.ends), toInt64(9000000000000000)))) AS ended_ms,
        if(started_ms > 0, fromUnixTimestamp64Milli(started_ms, 'UTC'), NULL) AS started_at,
        if(ended_ms < toInt64(9000000000000000), fromUnixTimestamp64Milli(ended_ms, 'UTC'), NULL) AS ended_at,
        a.network_received AS network_received,
        a.network_sent AS network_sent,
        pods.controller_kind AS controller_kind,
        pods.controller AS controller,
        -- once a scrape is often enough: they are the same on every row
        if(a.digest IN (1, 3), pods.own_labels, '') AS labels,
        '' AS annotations,
        false AS by_api,
        a.gpu_usage AS gpu_usage,
        a.gpu_request AS gpu_request,
        a.network_zone_sent AS network_zone_sent,
        a.network_region_sent AS network_region_sent,
        a.network_internet_sent AS network_internet_sent
    FROM assembled AS a
    LEFT JOIN pods ON a.namespace = pods.namespace AND a.pod = pods.pod
    WHERE a.at_ms < toUnixTimestamp64Milli(hour_at) + 3600000
)
