-- What every container of one cluster is charged for one hour.
--
-- It pays the share of its node's cost that it held of the node's capacity; where the node's size is unknown, the book rate; and
-- what its source states that it cost, where it does. Costs are whole pico-dollars, cut off below.
--
-- What a container sends is no part of its node's cost: it is paid for by the byte, at the rate of where it went. The rates
-- are for 2^30 bytes, as OpenCost computes, whatever it calls them: `sum(increase(kubecost_pod_network_egress_bytes_total{…}))
-- … / 1024 / 1024 / 1024` (queryFmtNetZoneGiB) times `kubecost_network_zone_egress_cost`.
-- A counter that leaps is cut off at what the ledger can hold, so that its hour can be computed.
-- What stands outside of the cluster costs what its source states.
--
-- A scratch table, for the same reason as that of the usage (usage-table.sql).
CREATE TABLE {charges:Identifier}
(
{{columns}},
    -- whether it takes from what its node cost, and from the node's GPUs
    on_known_node      Bool,
    on_gpu_node        Bool,
    stated             Bool,
    cpu_cost_pico      Int128,
    ram_cost_pico      Int128,
    gpu_cost_pico      Int128,
    zone_cost_pico     Int128,
    region_cost_pico   Int128,
    internet_cost_pico Int128
)
ENGINE = Memory AS
SELECT
    u.*,
    n.known AND isNull(u.stated_cpu_pico) AS on_known_node,
    on_known_node AND n.gpu_capacity_us > 0 AS on_gpu_node,
    isNotNull(u.stated_cpu_pico) AS stated,
    multiIf(
        stated, assumeNotNull(u.stated_cpu_pico),
        n.known, intDiv(n.cpu_pico * u.ucs, greatest(n.capacity_ucs, 1)),
        intDiv(u.ucs * toInt128(if(n.spot, {spot_cpu_rate:Int64}, {cpu_rate:Int64})), 3600000000)) AS cpu_cost_pico,
    multiIf(
        stated, ifNull(u.stated_ram_pico, 0),
        n.known, intDiv(n.ram_pico * u.bs, greatest(n.capacity_bs, 1)),
        intDiv(u.bs * toInt128(if(n.spot, {spot_ram_rate:Int64}, {ram_rate:Int64})), toInt128(3600) * 1073741824)) AS ram_cost_pico,
    multiIf(
        stated, ifNull(u.stated_gpu_pico, 0),
        n.known, intDiv(n.gpu_pico * u.gpu_us, greatest(n.gpu_capacity_us, 1)),
        intDiv(u.gpu_us * toInt128(if(n.spot, {spot_gpu_rate:Int64}, {gpu_rate:Int64})), 3600000000)) AS gpu_cost_pico,
    ifNull(u.stated_zone_pico, least(intDiv(toInt128(u.zone_bytes) * {network_zone_rate:Int64}, 1073741824), 999999000000000000)) AS zone_cost_pico,
    ifNull(u.stated_region_pico, least(intDiv(toInt128(u.region_bytes) * {network_region_rate:Int64}, 1073741824), 999999000000000000)) AS region_cost_pico,
    ifNull(u.stated_internet_pico, least(intDiv(toInt128(u.internet_bytes) * {network_internet_rate:Int64}, 1073741824), 999999000000000000)) AS internet_cost_pico
FROM {usage:Identifier} AS u
LEFT JOIN
(
    {{nodes}}
) AS n
ON u.node = n.node
