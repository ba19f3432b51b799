-- One hour of every node of one cluster: what it cost, and how that splits between CPU and RAM.
-- `offered` is nodes-from-samples.sql or nodes-from-ledger.sql.
--
-- A price reported for the whole node is split in the ratio of its parts at book rates, as OpenCost does; RAM is the
-- remainder, so that the parts add up to the reported price exactly.
INSERT INTO node_hours
(
    tenant, cluster, day, node, hour, provider_id, instance_type, region, zone, spot, labels, covered_ms, cpu_capacity_core_seconds,
    ram_capacity_byte_seconds, reported_cost, cpu_cost, ram_cost, price_basis, price_version, source, withdrawn, version
)
WITH
    toUnixTimestamp64Milli({hour:DateTime64(3, 'UTC')}) AS hour_ms,
    offered AS
    (
        {{offered}}
    ),
    priced AS
    (
        SELECT
            *,
            capacity_ucs > 0 AND capacity_bs > 0 AS known,
            intDiv(capacity_ucs * toInt128(if(spot, {spot_cpu_rate:Int64}, {cpu_rate:Int64})), 3600000000) AS cpu_book,
            intDiv(capacity_bs * toInt128(if(spot, {spot_ram_rate:Int64}, {ram_rate:Int64})), toInt128(3600) * 1073741824) AS ram_book,
            multiIf(NOT known, 'unknown', reported, 'reported', 'book') AS price_basis,
            -- a book of zero rates has no ratio to split by: halves, and never nothing
            cpu_book + ram_book > 0 AS weighed,
            toInt128(intDiv(toInt256(reported_pico) * if(weighed, cpu_book, 1), if(weighed, cpu_book + ram_book, 2))) AS reported_cpu_pico,
            if(price_basis = 'reported', reported_cpu_pico, cpu_book) AS cpu_pico,
            if(price_basis = 'reported', reported_pico - cpu_pico, ram_book) AS ram_pico
        FROM offered
    )
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    toDate({hour:DateTime64(3, 'UTC')}) AS day,
    node,
    toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AS hour,
    provider_id, instance_type, region, zone, spot, labels,
    toUInt32(covered_ms) AS covered_ms,
    CAST(toDecimal128(if(known, capacity_ucs, 0), 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS cpu_capacity_core_seconds,
    toInt64(if(known, capacity_bs, 0)) AS ram_capacity_byte_seconds,
    CAST(toDecimal128(if(price_basis = 'reported', reported_pico, 0), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS reported_cost,
    CAST(toDecimal128(if(known, cpu_pico, 0), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cpu_cost,
    CAST(toDecimal128(if(known, ram_pico, 0), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS ram_cost,
    price_basis,
    {price_version:String} AS price_version,
    {source:String} AS source,
    false AS withdrawn,
    {version:UInt64} AS version
FROM priced
UNION ALL
-- every node that an earlier version of this hour held, withdrawn at a lesser version: where it is still there, the row above wins
SELECT
    tenant, cluster, day, node, hour, '', '', '', '', false, map(), 0, 0, 0, 0, 0, 0, 'unknown',
    {price_version:String}, {source:String}, true, {version:UInt64} - 1
FROM node_hours
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
GROUP BY tenant, cluster, day, node, hour
