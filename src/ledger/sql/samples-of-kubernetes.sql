-- What the Kubernetes API told of the pods that the source of record reports (`record_pods`): requests, starts and ends, owners.
-- On the level that one sees a pod on: where it knows no containers, their requests are added up, and the pod runs while
-- any of them does. Where it knows no uid, pods go by their name. What it never saw (it ran between two scrapes)
-- stands here alone.
WITH
    states AS
    (
        SELECT
            k.at, k.digest, k.namespace, k.pod, k.container, k.node, k.phase, k.started_at, k.ended_at,
            k.controller_kind, k.controller, k.labels, k.annotations,
            if(seen.nameless, '', k.pod_uid) AS pod_uid,
            seen.whole AS whole,
            k.phase IN ('', 'Running') AND isNull(k.ended_at) AS running,
            ifNull(k.cpu_request, 0) AS cpu_request,
            ifNull(k.memory_request, 0) AS memory_request,
            ifNull(k.gpu_request, 0) AS gpu_request
        FROM
        (
            SELECT *, digest
            FROM container_samples
            WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = 'kubernetes'
                AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
                AND at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond(greatest({hold_ms:UInt32}, {asked_hold_ms:UInt32}))
                AND ({parts:UInt32} = 1 OR cityHash64(namespace, pod) % {parts:UInt32} = {part:UInt32})
        ) AS k
        LEFT JOIN
        (
            {{record_pods}}
        ) AS seen
        ON k.namespace = seen.namespace AND k.pod = seen.pod
    )
SELECT
    at, digest, namespace, pod, pod_uid, container, node,
    CAST(NULL AS Nullable(Int64)) AS cpu_usage, CAST(NULL AS Nullable(Int64)) AS memory_usage,
    CAST(cpu_request AS Nullable(Int64)) AS cpu_request, CAST(memory_request AS Nullable(Int64)) AS memory_request,
    phase, started_at, ended_at, CAST(NULL AS Nullable(Int64)) AS network_received, CAST(NULL AS Nullable(Int64)) AS network_sent,
    controller_kind, controller, labels, annotations, true AS by_api,
    CAST(NULL AS Nullable(Int64)) AS gpu_usage, CAST(gpu_request AS Nullable(Int64)) AS gpu_request,
    CAST(NULL AS Nullable(Int64)) AS network_zone_sent, CAST(NULL AS Nullable(Int64)) AS network_region_sent,
    CAST(NULL AS Nullable(Int64)) AS network_internet_sent
FROM states
WHERE NOT whole
UNION ALL
SELECT
    at, digest, namespace, pod, pod_uid, '' AS container, node,
    NULL AS cpu_usage, NULL AS memory_usage,
    CAST(sum(cpu_step) OVER so_far AS Nullable(Int64)) AS cpu_request, CAST(sum(memory_step) OVER so_far AS Nullable(Int64)) AS memory_request,
    if(sum(running_step) OVER so_far > 0, 'Running', 'Succeeded') AS phase,
    min(started_at) OVER so_far AS started_at,
    if(sum(running_step) OVER so_far > 0, NULL, max(ended_at) OVER so_far) AS ended_at,
    NULL AS network_received, NULL AS network_sent,
    controller_kind, controller, labels, annotations, true AS by_api,
    NULL AS gpu_usage, CAST(sum(gpu_step) OVER so_far AS Nullable(Int64)) AS gpu_request,
    NULL AS network_zone_sent, NULL AS network_region_sent, NULL AS network_internet_sent
FROM
(
    SELECT
        *,
        toInt64(running) - lagInFrame(toInt64(running), 1, toInt64(0)) OVER container_life AS running_step,
        if(running, cpu_request, 0) - lagInFrame(if(running, cpu_request, 0), 1, toInt64(0)) OVER container_life AS cpu_step,
        if(running, memory_request, 0) - lagInFrame(if(running, memory_request, 0), 1, toInt64(0)) OVER container_life AS memory_step,
        if(running, gpu_request, 0) - lagInFrame(if(running, gpu_request, 0), 1, toInt64(0)) OVER container_life AS gpu_step
    FROM states
    WHERE whole
    WINDOW container_life AS (PARTITION BY namespace, pod, pod_uid, node, container ORDER BY at, digest ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
-- every container's step at an instant counts before that instant's sum is told
WINDOW so_far AS (PARTITION BY namespace, pod, pod_uid, node ORDER BY at RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
