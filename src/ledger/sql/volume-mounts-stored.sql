-- Which pods mounted which claim, and when. The volumes of a pod never change, so that one that was seen to mount a claim does
-- so for as long as it runs: from its first start to its last end, where its source tells of its containers (restarts
-- between them change nothing); else while it is seen to. A pod that began in the last minutes of the hour is seen to mount
-- its claim in the first ones of the next.
SELECT
    namespace, claim, pod,
    if(notEmpty(lives.spans), lives.spans, arrayMap(
        (at, next) -> (at, if(next - at <= {told_hold_ms:UInt32}, next, at + {told_interval_ms:UInt32})),
        ats, arrayPushBack(arrayPopFront(ats), toInt64(9000000000000000)))) AS spans
FROM
(
    SELECT namespace, claim, pod, arraySort(groupUniqArray(toUnixTimestamp64Milli(at))) AS ats
    FROM volume_samples FINAL
    ARRAY JOIN JSONExtract(pods, 'Array(String)') AS pod
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
        AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'), toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') + 3600)
        AND at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond({told_hold_ms:UInt32})
        AND at < {hour:DateTime64(3, 'UTC')} + toIntervalMillisecond(3600000 + 300000)
    GROUP BY namespace, claim, pod
) AS mounted
LEFT JOIN
(
    SELECT namespace, pod, groupArray((from_ms, to_ms)) AS spans
    FROM
    (
        SELECT namespace, pod, pod_uid, min(begun_ms) AS from_ms, max(over_ms) AS to_ms
        FROM
        (
            SELECT
                namespace, pod, pod_uid, container,
                min(toUnixTimestamp64Milli(ifNull(c.started_at, c.at))) AS begun_ms,
                argMax(
                    toInt64(ifNull(toUnixTimestamp64Milli(c.ended_at), toUnixTimestamp64Milli(c.at) + {told_interval_ms:UInt32})),
                    (c.at, c.digest)) AS over_ms
            FROM
            (
                SELECT *, digest
                FROM container_samples
                WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
                    AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'), toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') + 3600)
                    AND at >= {hour:DateTime64(3, 'UTC')} - toIntervalMillisecond({told_hold_ms:UInt32})
                    AND at < {hour:DateTime64(3, 'UTC')} + toIntervalMillisecond(3600000 + 300000)
                    AND (phase IN ('', 'Running') OR isNotNull(ended_at))
                    AND (namespace, pod) IN (
                        SELECT namespace, arrayJoin(JSONExtract(pods, 'Array(String)'))
                        FROM volume_samples
                        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
                            AND toStartOfHour(at) IN (toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') - 3600, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'), toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') + 3600))
            ) AS c
            GROUP BY namespace, pod, pod_uid, container
        )
        GROUP BY namespace, pod, pod_uid
    )
    GROUP BY namespace, pod
) AS lives
ON mounted.namespace = lives.namespace AND mounted.pod = lives.pod
