-- What the nodes of a page cost in its hours, and what was charged on them by share: that of rows whose cost is stated is not.
SELECT
    toString(n.cluster) AS cluster_id, toUnixTimestamp(n.hour) AS hour_s, n.node AS node_name, n.spot AS is_spot,
    n.covered_ms AS covered, n.instance_type AS type, n.price_basis AS basis, toString(n.reported_cost) AS reported,
    toString(n.discount) AS off,
    toString(n.cpu_capacity_core_seconds) AS cpu_capacity, toString(n.ram_capacity_byte_seconds) AS ram_capacity,
    toString(n.gpu_capacity_seconds) AS gpu_capacity,
    toString(n.cpu_cost) AS cpu, toString(n.ram_cost) AS ram, toString(n.gpu_cost) AS gpu,
    toString(c.cpu_charged) AS cpu_taken, toString(c.ram_charged) AS ram_taken, toString(c.gpu_charged) AS gpu_taken
FROM
(
    SELECT *
    FROM node_hours FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {page_clusters:Array(UUID)} AND node IN {page_nodes:Array(String)}
        AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
        AND hour IN {page_hours:Array(DateTime('UTC'))} AND NOT withdrawn
) AS n
LEFT JOIN
(
    SELECT cluster, hour, node, sum(cpu_cost) AS cpu_charged, sum(ram_cost) AS ram_charged, sum(gpu_cost) AS gpu_charged
    FROM container_hours FINAL
    WHERE tenant = {tenant:UUID} AND cluster IN {page_clusters:Array(UUID)} AND node IN {left_over_nodes:Array(String)}
        AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
        AND hour IN {page_hours:Array(DateTime('UTC'))} AND NOT withdrawn
        AND namespace NOT IN ('__idle__', '__overcommit__') AND price_version != 'stated'
    GROUP BY cluster, hour, node
) AS c ON n.cluster = c.cluster AND n.hour = c.hour AND n.node = c.node
