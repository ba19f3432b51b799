-- What each namespace said of itself on the days of the window: the latest of it. The API server tells more than others do, and comes
-- first.
SELECT
    cluster AS told_cluster, namespace AS told_namespace,
    argMax({{labels}}, (d.day, d.source = 'kubernetes', d.at, d.source)) AS namespace_labels,
    argMax({{annotations}}, (d.day, d.source = 'kubernetes', d.at, d.source)) AS namespace_annotations
FROM namespace_days AS d FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')} - toIntervalMillisecond(1))
GROUP BY cluster, namespace
