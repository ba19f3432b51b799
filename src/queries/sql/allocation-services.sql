-- The services of each namespace over the window by name, each with the labels that its pods have: the latest of them.
SELECT selecting_cluster, selecting_namespace, arraySort(groupArray((service, CAST(selector, 'Array(Tuple(String, String))')))) AS selectors
FROM
(
    SELECT
        cluster AS selecting_cluster, namespace AS selecting_namespace, service,
        argMax({{selector}}, (d.day, d.source = 'kubernetes', d.at, d.source)) AS selector
    FROM service_days AS d FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
        AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')} - toIntervalMillisecond(1))
    GROUP BY cluster, namespace, service
)
WHERE notEmpty(selector)
GROUP BY selecting_cluster, selecting_namespace
