-- Hours whose samples arrived since `since` that the ledger has not seen yet. Hours of the present first, and beside them as
-- many of the past, so that neither waits for the other; of each those that were never or longest ago computed, and of these
-- the ones that nothing has arrived for longest: what is being filled in just now is computed once, and not after every post. A sample may be held into the
-- next hour, so it touches that one too if that one has samples of its own (or is in the ledger already). What counters
-- show in the first minutes of an hour tells what the end of the one before used, and volumes who had just begun to mount
-- them. A fact touches its own hour.
--
-- `received_at` is taken before an insert becomes visible, so of two inserts the later stamp may show first. Hence an hour
-- is due once more when `settle` seconds have passed since its newest arrival (`settles`): by then every slower insert is in,
-- and whether there was one, the sum of all arrivals tells.
WITH
    now64(3, 'UTC') AS looked_at,
    arrived AS
    (
        SELECT tenant, cluster, hour, reach, max(received_at) AS seen_at
        FROM
        (
            SELECT tenant, cluster, received_at, toStartOfHour(at) AS hour, 1 AS reach FROM container_samples WHERE received_at >= {since:DateTime64(3, 'UTC')}
            UNION ALL
            SELECT tenant, cluster, received_at, toStartOfHour(at) AS hour, 1 AS reach FROM node_samples WHERE received_at >= {since:DateTime64(3, 'UTC')}
            UNION ALL
            SELECT tenant, cluster, received_at, toStartOfHour(at) AS hour, if(toMinute(at) < 5, 2, 1) AS reach FROM volume_samples WHERE received_at >= {since:DateTime64(3, 'UTC')}
            UNION ALL
            SELECT tenant, cluster, received_at, toStartOfHour(at) AS hour, 1 AS reach FROM balancer_samples WHERE received_at >= {since:DateTime64(3, 'UTC')}
            UNION ALL
            SELECT tenant, cluster, received_at, toStartOfHour(at) AS hour, if(toMinute(at) < 5, 2, 1) AS reach FROM points WHERE received_at >= {since:DateTime64(3, 'UTC')}
            UNION ALL
            SELECT tenant, cluster, received_at, toDateTime(hour, 'UTC') AS hour, 0 AS reach FROM hour_facts WHERE received_at >= {since:DateTime64(3, 'UTC')} AND kind IN ('pod', 'container', 'node', 'storage', 'gpu')
        )
        GROUP BY tenant, cluster, hour, reach
    ),
    touched AS
    (
        SELECT tenant, cluster, hour + spill AS touched_hour, max(seen_at) AS newest_at, max(spill = 0) AS own
        FROM arrived
        -- its own hour, the next, and the one before
        ARRAY JOIN multiIf(reach = 0, [0], reach = 1, [0, 3600], [0, 3600, -3600]) AS spill
        GROUP BY tenant, cluster, touched_hour
    )
SELECT
    touched.tenant AS tenant,
    touched.cluster AS cluster,
    toUnixTimestamp(touched.touched_hour) AS hour_s,
    toUnixTimestamp64Milli(touched.newest_at) AS seen_ms,
    toUnixTimestamp64Milli(looked_at) AS looked_ms,
    touched.newest_at <= known.seen_at AS settles,
    toString(known.arrivals) AS arrivals,
    touched.touched_hour >= toStartOfHour(looked_at) - 3600 AS present
FROM touched
LEFT JOIN
(
    SELECT tenant, cluster, hour, seen_at, arrivals, computed_at, version
    FROM cluster_hours FINAL
    WHERE day >= toDate((SELECT min(touched_hour) FROM touched))
) AS known
ON touched.tenant = known.tenant AND touched.cluster = known.cluster AND touched.touched_hour = known.hour
WHERE (own OR known.version > 0)
    AND (newest_at > known.seen_at
        OR (looked_at > newest_at + toIntervalSecond({settle_s:UInt32}) AND known.computed_at <= newest_at + toIntervalSecond({settle_s:UInt32})))
    AND NOT has({aside:Array(String)}, concat(toString(tenant), '/', toString(cluster), '/', toString(hour_s)))
ORDER BY present DESC, known.computed_at, newest_at, hour_s DESC, tenant, cluster
LIMIT {hours_max:UInt32} BY present
