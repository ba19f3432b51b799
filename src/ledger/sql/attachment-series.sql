-- The series of one source that tell of volumes and load balancers, and of the pods that mount volumes, each with its points of
-- one hour and of what reaches into it, in order of time; of two values for one instant the greater. A scratch table: the
-- statements of the hour read it several times. Volumes belong to no namespace.
CREATE TABLE {scratch:Identifier} ENGINE = Memory AS
WITH
    told AS
    (
        SELECT id, any(s.metric) AS metric, any(s.namespace) AS namespace, any(s.pod) AS pod, any(s.uid) AS uid, any(s.labels) AS labels
        FROM series AS s
        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
            AND day IN (toDate({hour:DateTime64(3, 'UTC')}), toDate({hour:DateTime64(3, 'UTC')} - toIntervalHour(1)))
            AND s.metric IN (
                'kube_persistentvolumeclaim_info', 'kube_persistentvolumeclaim_resource_requests_storage_bytes',
                'kube_persistentvolume_capacity_bytes', 'pv_hourly_cost', 'kube_pod_spec_volumes_persistentvolumeclaims_info',
                'kube_pod_status_phase', 'kube_pod_start_time', 'kube_pod_completion_time',
                'kubecost_load_balancer_cost', 'kube_service_status_load_balancer_ingress')
            AND (s.metric NOT IN ('kube_pod_status_phase', 'kube_pod_start_time', 'kube_pod_completion_time') OR (s.namespace, s.pod) IN (
                SELECT namespace, pod
                FROM series
                WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
                    AND day IN (toDate({hour:DateTime64(3, 'UTC')}), toDate({hour:DateTime64(3, 'UTC')} - toIntervalHour(1)))
                    AND metric = 'kube_pod_spec_volumes_persistentvolumeclaims_info'))
            AND (s.metric != 'kube_pod_status_phase' OR JSONExtractString(s.labels, 'phase') = 'Running')
        GROUP BY id
    ),
    grown AS
    (
        SELECT id, arraySort(groupArray((at_ms, greatest_value))) AS points
        FROM
        (
            SELECT id, toUnixTimestamp64Milli(at) AS at_ms, max(value) AS greatest_value
            FROM points
            WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
                AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'))
                AND at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond({told_hold_ms:UInt32})
                AND id IN (SELECT id FROM told)
            GROUP BY id, at
        )
        GROUP BY id
    )
SELECT told.*, grown.points AS points
FROM grown
INNER JOIN told ON grown.id = told.id
