-- One hour of every container of one cluster, as it was charged (charges.sql), and beside them what each node had left over. One
-- insert of one block, so that a reader sees all of it or none.
--
-- What a node has left over is its cost less exactly what was charged: the rows of a node add up to what it cost. Left over
-- and negative is `__overcommit__`. Of a node that tells of no GPU none is left over, whatever its containers hold.
INSERT INTO container_hours
(
    tenant, cluster, day, namespace, pod, pod_uid, container, node, hour, controller_kind, controller, labels, annotations, run_ms,
    cpu_core_seconds, ram_byte_seconds, cpu_usage_core_seconds, ram_usage_byte_seconds, cpu_request_core_seconds, ram_request_byte_seconds,
    gpu_seconds, gpu_usage_seconds, gpu_request_seconds, cpu_usage_max_millicores, ram_usage_max_bytes, network_received_bytes,
    network_sent_bytes, network_zone_bytes, network_region_bytes, network_internet_bytes, cpu_cost, ram_cost, gpu_cost,
    network_cross_zone_cost, network_cross_region_cost, network_internet_cost, external_cost, cpu_cost_adjustment, ram_cost_adjustment,
    gpu_cost_adjustment, network_cost_adjustment, price_version, source, withdrawn, version
)
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    toDate({hour:DateTime64(3, 'UTC')}) AS day,
    c.namespace, c.pod, c.pod_uid, c.container, c.node,
    toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AS hour,
    c.controller_kind, c.controller, c.labels, c.annotations,
    toUInt32(c.run_ms) AS run_ms,
    CAST(toDecimal128(c.ucs, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS cpu_core_seconds,
    toInt64(c.bs) AS ram_byte_seconds,
    CAST(toDecimal128(c.usage_ucs, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS cpu_usage_core_seconds,
    toInt64(c.usage_bs) AS ram_usage_byte_seconds,
    CAST(toDecimal128(c.request_ucs, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS cpu_request_core_seconds,
    toInt64(c.request_bs) AS ram_request_byte_seconds,
    CAST(toDecimal128(c.gpu_us, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS gpu_seconds,
    CAST(toDecimal128(c.gpu_usage_us, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS gpu_usage_seconds,
    CAST(toDecimal128(c.gpu_request_us, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS gpu_request_seconds,
    toUInt32(intDiv(c.cpu_max, 1000000)) AS cpu_usage_max_millicores,
    toUInt64(c.ram_max) AS ram_usage_max_bytes,
    toUInt64(c.received) AS network_received_bytes,
    toUInt64(c.sent) AS network_sent_bytes,
    toUInt64(c.zone_bytes) AS network_zone_bytes,
    toUInt64(c.region_bytes) AS network_region_bytes,
    toUInt64(c.internet_bytes) AS network_internet_bytes,
    CAST(toDecimal128(c.cpu_cost_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cpu_cost,
    CAST(toDecimal128(c.ram_cost_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS ram_cost,
    CAST(toDecimal128(c.gpu_cost_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS gpu_cost,
    CAST(toDecimal128(c.zone_cost_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS network_cross_zone_cost,
    CAST(toDecimal128(c.region_cost_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS network_cross_region_cost,
    CAST(toDecimal128(c.internet_cost_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS network_internet_cost,
    CAST(toDecimal128(c.external_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS external_cost,
    CAST(toDecimal128(c.cpu_adjustment_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cpu_cost_adjustment,
    CAST(toDecimal128(c.ram_adjustment_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS ram_cost_adjustment,
    CAST(toDecimal128(c.gpu_adjustment_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS gpu_cost_adjustment,
    CAST(toDecimal128(c.network_adjustment_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS network_cost_adjustment,
    if(c.stated, 'stated', {price_version:String}) AS price_version,
    {source:String} AS source,
    false AS withdrawn,
    {version:UInt64} AS version
FROM {charges:Identifier} AS c
UNION ALL
SELECT
    {tenant:UUID}, {cluster:UUID}, toDate({hour:DateTime64(3, 'UTC')}),
    if(part = 1, '__idle__', '__overcommit__'), '', '', '', node, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC'), '', '', map(), map(), toUInt32(covered_ms),
    CAST(toDecimal128(part * greatest(part * ucs, 0), 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)),
    toInt64(part * greatest(part * bs, 0)), 0, 0, 0, 0,
    CAST(toDecimal128(part * greatest(part * gpu_us, 0), 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)),
    0, 0, 0, 0, 0, 0, 0, 0, 0,
    CAST(toDecimal128(part * greatest(part * cpu_pico, 0), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)),
    CAST(toDecimal128(part * greatest(part * ram_pico, 0), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)),
    CAST(toDecimal128(part * greatest(part * gpu_pico, 0), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)),
    0, 0, 0, 0, 0, 0, 0, 0,
    {price_version:String}, {source:String}, false, {version:UInt64}
FROM
(
    SELECT
        n.node AS node,
        n.covered_ms AS covered_ms,
        n.capacity_ucs - held.ucs AS ucs,
        n.capacity_bs - held.bs AS bs,
        n.gpu_capacity_us - held.gpu_us AS gpu_us,
        n.cpu_pico - held.cpu_pico AS cpu_pico,
        n.ram_pico - held.ram_pico AS ram_pico,
        n.gpu_pico - held.gpu_pico AS gpu_pico
    FROM
    (
        {{nodes}}
    ) AS n
    LEFT JOIN
    (
        SELECT
            node,
            sum(c.ucs) AS ucs,
            sum(c.bs) AS bs,
            sumIf(c.gpu_us, c.on_gpu_node) AS gpu_us,
            sum(c.cpu_cost_pico) AS cpu_pico,
            sum(c.ram_cost_pico) AS ram_pico,
            sum(c.gpu_cost_pico) AS gpu_pico
        FROM {charges:Identifier} AS c
        WHERE c.on_known_node
        GROUP BY node
    ) AS held
    ON n.node = held.node
    WHERE n.known
)
-- what is left over, and what there is too much of; a node may have the one of CPU and the other of RAM, and of one that is
-- used to the last an idle row tells that nothing is left
ARRAY JOIN multiIf(
    least(cpu_pico, ram_pico, gpu_pico, ucs, bs, gpu_us) >= 0, [1],
    greatest(cpu_pico, ram_pico, gpu_pico, ucs, bs, gpu_us) > 0, [1, -1],
    [-1]) AS part
UNION ALL
-- every row that an earlier version of this hour held, withdrawn at a lesser version: where it is still there, the row above wins
SELECT
    tenant, cluster, day, namespace, pod, pod_uid, container, node, hour, '', '', map(), map(),
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    {price_version:String}, {source:String}, true, {version:UInt64} - 1
FROM container_hours
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
GROUP BY tenant, cluster, day, namespace, pod, pod_uid, container, node, hour
