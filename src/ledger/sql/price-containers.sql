-- One hour of every container of one cluster, priced, and beside them what each node had left over. One insert of one
-- block, so that a reader sees all of it or none. `usage` is one of usage-from-*.sql.
--
-- A container pays the share of its node's cost that it held of the node's capacity; where the node's size is unknown, the
-- book rate; and what its source states that it cost, where it does. Costs are whole pico-dollars, cut off below, and what a node has left over is its cost less exactly these: the
-- rows of a node add up to what it cost. Left over and negative is `__overcommit__`. Of a node that tells of no GPU none is
-- left over, whatever its containers hold.
--
-- What a container sends is no part of its node's cost: it is paid for by the byte, at the rate of where it went. The rates
-- are for 2^30 bytes, as OpenCost computes, whatever it calls them: `sum(increase(kubecost_pod_network_egress_bytes_total{…}))
-- … / 1024 / 1024 / 1024` (queryFmtNetZoneGiB) times `kubecost_network_zone_egress_cost`.
-- What stands outside of the cluster costs what its source states.
INSERT INTO container_hours
(
    tenant, cluster, day, namespace, pod, pod_uid, container, node, hour, controller_kind, controller, labels, annotations, run_ms,
    cpu_core_seconds, ram_byte_seconds, cpu_usage_core_seconds, ram_usage_byte_seconds, cpu_request_core_seconds, ram_request_byte_seconds,
    gpu_seconds, gpu_usage_seconds, gpu_request_seconds, cpu_usage_max_millicores, ram_usage_max_bytes, network_received_bytes,
    network_sent_bytes, network_zone_bytes, network_region_bytes, network_internet_bytes, cpu_cost, ram_cost, gpu_cost,
    network_cross_zone_cost, network_cross_region_cost, network_internet_cost, external_cost, cpu_cost_adjustment, ram_cost_adjustment,
    gpu_cost_adjustment, network_cost_adjustment, price_version, source, withdrawn, version
)
WITH
    toUnixTimestamp64Milli({hour:DateTime64(3, 'UTC')}) AS hour_ms,
    usage AS
    (
        {{usage}}
    ),
    nodes AS
    (
        SELECT
            node,
            spot,
            toInt64(covered_ms) AS covered_ms,
            price_basis != 'unknown' AS known,
            toInt128(toDecimal128(cpu_capacity_core_seconds, 6) * 1000000) AS capacity_ucs,
            toInt128(ram_capacity_byte_seconds) AS capacity_bs,
            toInt128(toDecimal128(cpu_cost, 12) * 1000000000000) AS cpu_pico,
            toInt128(toDecimal128(ram_cost, 12) * 1000000000000) AS ram_pico,
            toInt128(toDecimal128(gpu_capacity_seconds, 6) * 1000000) AS gpu_capacity_us,
            toInt128(toDecimal128(gpu_cost, 12) * 1000000000000) AS gpu_pico
        FROM node_hours FINAL
        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
            AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND NOT withdrawn
    ),
    charged AS
    (
        SELECT
            usage.*,
            nodes.known AND isNull(usage.stated_cpu_pico) AS on_known_node,
            isNotNull(usage.stated_cpu_pico) AS stated,
            multiIf(
                stated, assumeNotNull(usage.stated_cpu_pico),
                nodes.known, intDiv(nodes.cpu_pico * ucs, greatest(nodes.capacity_ucs, 1)),
                intDiv(ucs * toInt128(if(nodes.spot, {spot_cpu_rate:Int64}, {cpu_rate:Int64})), 3600000000)) AS cpu_cost_pico,
            multiIf(
                stated, ifNull(usage.stated_ram_pico, 0),
                nodes.known, intDiv(nodes.ram_pico * bs, greatest(nodes.capacity_bs, 1)),
                intDiv(bs * toInt128(if(nodes.spot, {spot_ram_rate:Int64}, {ram_rate:Int64})), toInt128(3600) * 1073741824)) AS ram_cost_pico,
            multiIf(
                stated, ifNull(usage.stated_gpu_pico, 0),
                nodes.known, intDiv(nodes.gpu_pico * gpu_us, greatest(nodes.gpu_capacity_us, 1)),
                intDiv(gpu_us * toInt128(if(nodes.spot, {spot_gpu_rate:Int64}, {gpu_rate:Int64})), 3600000000)) AS gpu_cost_pico,
            on_known_node AND nodes.gpu_capacity_us > 0 AS on_gpu_node,
            ifNull(usage.stated_zone_pico, intDiv(toInt128(zone_bytes) * {network_zone_rate:Int64}, 1073741824)) AS zone_cost_pico,
            ifNull(usage.stated_region_pico, intDiv(toInt128(region_bytes) * {network_region_rate:Int64}, 1073741824)) AS region_cost_pico,
            ifNull(usage.stated_internet_pico, intDiv(toInt128(internet_bytes) * {network_internet_rate:Int64}, 1073741824)) AS internet_cost_pico
        FROM usage
        LEFT JOIN nodes ON usage.node = nodes.node
    ),
    -- every container stands here twice: as itself, and taken away from what its node has left over
    signed AS
    (
        SELECT
            if(taken, '__idle__', c.namespace) AS namespace,
            if(taken, '', c.pod) AS pod,
            if(taken, '', c.pod_uid) AS pod_uid,
            if(taken, '', c.container) AS container,
            c.node AS node,
            if(taken, '', c.controller_kind) AS controller_kind,
            if(taken, '', c.controller) AS controller,
            if(taken, map(), c.labels) AS labels,
            if(taken, map(), c.annotations) AS annotations,
            if(taken, 0, c.run_ms) AS run_ms,
            if(taken, -c.ucs, c.ucs) AS ucs,
            if(taken, -c.bs, c.bs) AS bs,
            if(taken, 0, c.usage_ucs) AS usage_ucs,
            if(taken, 0, c.usage_bs) AS usage_bs,
            if(taken, 0, c.request_ucs) AS request_ucs,
            if(taken, 0, c.request_bs) AS request_bs,
            if(taken, 0, c.cpu_max) AS cpu_max,
            if(taken, 0, c.ram_max) AS ram_max,
            if(taken, 0, c.received) AS received,
            if(taken, 0, c.sent) AS sent,
            c.stated AS stated,
            if(taken, -c.cpu_cost_pico, c.cpu_cost_pico) AS cpu_cost_pico,
            if(taken, -c.ram_cost_pico, c.ram_cost_pico) AS ram_cost_pico,
            multiIf(NOT taken, c.gpu_us, c.on_gpu_node, -c.gpu_us, 0) AS gpu_us,
            if(taken, 0, c.gpu_usage_us) AS gpu_usage_us,
            if(taken, 0, c.gpu_request_us) AS gpu_request_us,
            if(taken, -c.gpu_cost_pico, c.gpu_cost_pico) AS gpu_cost_pico,
            if(taken, 0, c.zone_bytes) AS zone_bytes,
            if(taken, 0, c.region_bytes) AS region_bytes,
            if(taken, 0, c.internet_bytes) AS internet_bytes,
            if(taken, 0, c.zone_cost_pico) AS zone_cost_pico,
            if(taken, 0, c.region_cost_pico) AS region_cost_pico,
            if(taken, 0, c.internet_cost_pico) AS internet_cost_pico,
            if(taken, 0, c.external_pico) AS external_pico,
            if(taken, 0, c.cpu_adjustment_pico) AS cpu_adjustment_pico,
            if(taken, 0, c.ram_adjustment_pico) AS ram_adjustment_pico,
            if(taken, 0, c.gpu_adjustment_pico) AS gpu_adjustment_pico,
            if(taken, 0, c.network_adjustment_pico) AS network_adjustment_pico
        FROM charged AS c
        ARRAY JOIN if(c.on_known_node, [false, true], [false]) AS taken
        UNION ALL
        SELECT
            '__idle__', '', '', '', node, '', '', map(), map(), covered_ms, capacity_ucs, capacity_bs, 0, 0, 0, 0, 0, 0, 0, 0, false, cpu_pico, ram_pico,
            gpu_capacity_us, 0, 0, gpu_pico, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        FROM nodes
        WHERE known
    ),
    summed AS
    (
        SELECT
            namespace, pod, pod_uid, container, node,
            any(s.controller_kind) AS controller_kind,
            any(s.controller) AS controller,
            any(s.labels) AS labels,
            any(s.annotations) AS annotations,
            max(s.run_ms) AS run_ms,
            sum(s.ucs) AS ucs,
            sum(s.bs) AS bs,
            sum(s.usage_ucs) AS usage_ucs,
            sum(s.usage_bs) AS usage_bs,
            sum(s.request_ucs) AS request_ucs,
            sum(s.request_bs) AS request_bs,
            max(s.cpu_max) AS cpu_max,
            max(s.ram_max) AS ram_max,
            sum(s.received) AS received,
            sum(s.sent) AS sent,
            max(s.stated) AS stated,
            sum(s.cpu_cost_pico) AS cpu_cost_pico,
            sum(s.ram_cost_pico) AS ram_cost_pico,
            sum(s.gpu_us) AS gpu_us,
            sum(s.gpu_usage_us) AS gpu_usage_us,
            sum(s.gpu_request_us) AS gpu_request_us,
            sum(s.gpu_cost_pico) AS gpu_cost_pico,
            sum(s.zone_bytes) AS zone_bytes,
            sum(s.region_bytes) AS region_bytes,
            sum(s.internet_bytes) AS internet_bytes,
            sum(s.zone_cost_pico) AS zone_cost_pico,
            sum(s.region_cost_pico) AS region_cost_pico,
            sum(s.internet_cost_pico) AS internet_cost_pico,
            sum(s.external_pico) AS external_pico,
            sum(s.cpu_adjustment_pico) AS cpu_adjustment_pico,
            sum(s.ram_adjustment_pico) AS ram_adjustment_pico,
            sum(s.gpu_adjustment_pico) AS gpu_adjustment_pico,
            sum(s.network_adjustment_pico) AS network_adjustment_pico
        FROM signed AS s
        GROUP BY namespace, pod, pod_uid, container, node
    ),
    parted AS
    (
        SELECT s.*, part
        FROM summed AS s
        ARRAY JOIN multiIf(
            namespace != '__idle__', ['container'],
            least(cpu_cost_pico, ram_cost_pico, gpu_cost_pico, ucs, bs, gpu_us) >= 0, ['idle'],
            greatest(cpu_cost_pico, ram_cost_pico, gpu_cost_pico, ucs, bs, gpu_us) > 0, ['idle', 'over'],
            ['over']) AS part
    )
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    toDate({hour:DateTime64(3, 'UTC')}) AS day,
    if(p.part = 'over', '__overcommit__', p.namespace) AS namespace,
    p.pod, p.pod_uid, p.container, p.node,
    toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AS hour,
    p.controller_kind, p.controller, p.labels, p.annotations,
    toUInt32(p.run_ms) AS run_ms,
    CAST(toDecimal128(multiIf(p.part = 'idle', greatest(p.ucs, 0), p.part = 'over', least(p.ucs, 0), p.ucs), 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS cpu_core_seconds,
    toInt64(multiIf(p.part = 'idle', greatest(p.bs, 0), p.part = 'over', least(p.bs, 0), p.bs)) AS ram_byte_seconds,
    CAST(toDecimal128(p.usage_ucs, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS cpu_usage_core_seconds,
    toInt64(p.usage_bs) AS ram_usage_byte_seconds,
    CAST(toDecimal128(p.request_ucs, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS cpu_request_core_seconds,
    toInt64(p.request_bs) AS ram_request_byte_seconds,
    CAST(toDecimal128(multiIf(p.part = 'idle', greatest(p.gpu_us, 0), p.part = 'over', least(p.gpu_us, 0), p.gpu_us), 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS gpu_seconds,
    CAST(toDecimal128(p.gpu_usage_us, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS gpu_usage_seconds,
    CAST(toDecimal128(p.gpu_request_us, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS gpu_request_seconds,
    toUInt32(intDiv(p.cpu_max, 1000000)) AS cpu_usage_max_millicores,
    toUInt64(p.ram_max) AS ram_usage_max_bytes,
    toUInt64(p.received) AS network_received_bytes,
    toUInt64(p.sent) AS network_sent_bytes,
    toUInt64(p.zone_bytes) AS network_zone_bytes,
    toUInt64(p.region_bytes) AS network_region_bytes,
    toUInt64(p.internet_bytes) AS network_internet_bytes,
    CAST(toDecimal128(multiIf(p.part = 'idle', greatest(p.cpu_cost_pico, 0), p.part = 'over', least(p.cpu_cost_pico, 0), p.cpu_cost_pico), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cpu_cost,
    CAST(toDecimal128(multiIf(p.part = 'idle', greatest(p.ram_cost_pico, 0), p.part = 'over', least(p.ram_cost_pico, 0), p.ram_cost_pico), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS ram_cost,
    CAST(toDecimal128(multiIf(p.part = 'idle', greatest(p.gpu_cost_pico, 0), p.part = 'over', least(p.gpu_cost_pico, 0), p.gpu_cost_pico), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS gpu_cost,
    CAST(toDecimal128(p.zone_cost_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS network_cross_zone_cost,
    CAST(toDecimal128(p.region_cost_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS network_cross_region_cost,
    CAST(toDecimal128(p.internet_cost_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS network_internet_cost,
    CAST(toDecimal128(p.external_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS external_cost,
    CAST(toDecimal128(p.cpu_adjustment_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cpu_cost_adjustment,
    CAST(toDecimal128(p.ram_adjustment_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS ram_cost_adjustment,
    CAST(toDecimal128(p.gpu_adjustment_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS gpu_cost_adjustment,
    CAST(toDecimal128(p.network_adjustment_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS network_cost_adjustment,
    if(p.stated, 'stated', {price_version:String}) AS price_version,
    {source:String} AS source,
    false AS withdrawn,
    {version:UInt64} AS version
FROM parted AS p
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
