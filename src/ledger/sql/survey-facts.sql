-- Which sources state this hour. Who states an hour states all of it.
SELECT
    source, uniqExactIf(node, kind = 'node') AS nodes,
    3600000 AS usual_interval_ms, 3600000 AS hold_ms, 3600000 AS covered_ms
FROM hour_facts
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND kind IN ('pod', 'container', 'node') AND hour = {hour:DateTime64(3, 'UTC')}
GROUP BY source
ORDER BY source
