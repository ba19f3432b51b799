-- The series of one source that a ledger needs, each with its points of one hour and of what reaches into it, in order of
-- time; of two values for one instant the greater. Of what only names things the last point is enough. A scratch table: the
-- statements of the hour read it several times. One part of all pods at a time, so that an hour of any size fits.
CREATE TABLE {scratch:Identifier} ENGINE = Memory AS
WITH
    {hour:DateTime64(3, 'UTC')} AS hour_at,
    told AS
    (
        SELECT
            id, any(s.metric) AS metric, any(s.namespace) AS namespace,
            -- the pod that sends, not the one on its node that counts
            any(if(s.metric = 'kubecost_pod_network_egress_bytes_total', JSONExtractString(s.labels, 'pod_name'), s.pod)) AS pod,
            any(s.uid) AS uid, any(s.container) AS container, any(s.node) AS node, any(s.labels) AS labels
        FROM series AS s
        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
            AND day IN (toDate(hour_at), toDate(hour_at - toIntervalHour(1)), toDate(hour_at + toIntervalHour(1))) AND s.namespace != ''
            AND s.metric IN (
                'container_cpu_usage_seconds_total', 'container_memory_working_set_bytes', 'container_network_receive_bytes_total',
                'container_network_transmit_bytes_total', 'kube_pod_container_resource_requests', 'kube_pod_container_resource_requests_cpu_cores',
                'kube_pod_container_resource_requests_memory_bytes', 'kube_pod_info', 'kube_pod_owner', 'kube_pod_labels',
                'kube_pod_status_phase', 'kube_pod_start_time', 'kube_pod_completion_time', 'kube_replicaset_owner', 'kube_job_owner',
                'container_cpu_allocation', 'container_memory_allocation_bytes', 'container_gpu_allocation',
                'DCGM_FI_PROF_GR_ENGINE_ACTIVE', 'DCGM_FI_DEV_GPU_UTIL', 'kubecost_pod_network_egress_bytes_total')
            AND (cityHash64(s.namespace, if(s.metric = 'kubecost_pod_network_egress_bytes_total', JSONExtractString(s.labels, 'pod_name'), s.pod)) % {parts:UInt32} = {part:UInt32} OR s.metric IN ('kube_replicaset_owner', 'kube_job_owner'))
            AND (s.metric != 'kube_pod_status_phase' OR JSONExtractString(s.labels, 'phase') = 'Running')
        GROUP BY id
    ),
    grown AS
    (
        SELECT id, arraySort(groupArray((toUnixTimestamp64Milli(at), value))) AS sorted
        FROM points
        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
            AND toStartOfHour(at) IN (toDateTime(hour_at, 'UTC') - 3600, toDateTime(hour_at, 'UTC'), toDateTime(hour_at, 'UTC') + 3600)
            AND at >= hour_at - toIntervalMillisecond(greatest({hold_ms:UInt32}, {asked_hold_ms:UInt32}))
            AND at < hour_at + toIntervalMillisecond(3600000 + 300000)
            -- what no machine can count or hold was not counted: 2^50 seconds, bytes
            AND value BETWEEN 0 AND 1125899906842624
            AND id IN (SELECT id FROM told)
        GROUP BY id
    )
SELECT
    told.*,
    if(metric IN ('kube_pod_info', 'kube_pod_owner', 'kube_pod_labels', 'kube_replicaset_owner', 'kube_job_owner'),
        [sorted[-1]],
        arrayFilter((point, next) -> point.1 != next, sorted, arrayPushBack(arrayPopFront(arrayMap(point -> point.1, sorted)), toInt64(0)))) AS points
FROM grown
INNER JOIN told ON grown.id = told.id
