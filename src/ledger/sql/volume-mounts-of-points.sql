-- Which pods mounted which claim, and when, from kube-state-metrics: while it lists the pod and shows it running, from its
-- start where that is known and near, to its completion where it tells one.
SELECT
    m.namespace AS namespace, m.claim AS claim, m.pod AS pod,
    arrayMap(
        (at, until, first) -> (
            if(first AND lives.started_ms > 0 AND lives.started_ms < at AND lives.started_ms > at - {told_hold_ms:UInt32}, lives.started_ms, at),
            if(lives.ended_ms > 0, least(until, lives.ended_ms), until)),
        m.ats, m.untils, arrayMap(i -> i = 1, arrayEnumerate(m.ats))) AS spans
FROM
(
    SELECT
        namespace, claim, pod, uid, ats,
        arrayMap(
            (at, next) -> if(next - at <= {told_hold_ms:UInt32}, next, at + {told_interval_ms:UInt32}),
            ats, arrayPushBack(arrayPopFront(ats), toInt64(9000000000000000))) AS untils
    FROM
    (
        SELECT
            seen.namespace AS namespace, seen.claim AS claim, seen.pod AS pod, seen.uid AS uid,
            arrayFilter(at -> NOT has(idle.ats, at), seen.ats) AS ats
        FROM
        (
            SELECT
                h.namespace AS namespace, JSONExtractString(h.labels, 'persistentvolumeclaim') AS claim, h.pod AS pod, h.uid AS uid,
                arraySort(arrayDistinct(arrayFlatten(groupArray(arrayMap(p -> p.1, h.points))))) AS ats
            FROM {scratch:Identifier} AS h
            WHERE h.metric = 'kube_pod_spec_volumes_persistentvolumeclaims_info'
            GROUP BY namespace, claim, pod, uid
        ) AS seen
        LEFT JOIN
        (
            SELECT namespace, pod, uid, arrayFlatten(groupArray(arrayMap(p -> p.1, arrayFilter(p -> p.2 = 0, h.points)))) AS ats
            FROM {scratch:Identifier} AS h
            WHERE metric = 'kube_pod_status_phase'
            GROUP BY namespace, pod, uid
        ) AS idle
        ON seen.namespace = idle.namespace AND seen.pod = idle.pod AND seen.uid = idle.uid
    )
    WHERE notEmpty(ats)
) AS m
LEFT JOIN
(
    SELECT
        namespace, pod, uid,
        maxIf(toInt64(points[-1].2) * 1000, metric = 'kube_pod_start_time') AS started_ms,
        maxIf(toInt64(points[-1].2) * 1000, metric = 'kube_pod_completion_time') AS ended_ms
    FROM {scratch:Identifier}
    WHERE metric IN ('kube_pod_start_time', 'kube_pod_completion_time')
    GROUP BY namespace, pod, uid
) AS lives
ON m.namespace = lives.namespace AND m.pod = lives.pod AND m.uid = lives.uid
