-- One hour of every node of one cluster: what it cost, and how that splits between CPU, RAM and GPUs. `offered` is the scratch table
-- of offered-table.sql, or rules-of-nodes.sql over it, which tells the places of the rules that count (0 without rules). The
-- arithmetic is that of core/pricing.ts.
--
-- A price of the whole node is split in the ratio of its parts at the rates, as OpenCost does; RAM is the remainder, so that
-- the parts add up to it exactly. GPUs to which a rule gives a rate come on top of a price that a rule gives the whole node.
-- The first element of each list of rules stands for none: -1, and no discount.
INSERT INTO node_hours
(
    tenant, cluster, day, node, hour, provider_id, instance_type, region, zone, spot, labels, covered_ms, cpu_capacity_core_seconds,
    ram_capacity_byte_seconds, gpu_capacity_seconds, reported_cost, has_reported_cost, cpu_cost, ram_cost, gpu_cost, discount,
    price_basis, price_version, source, withdrawn, version
)
WITH
    priced AS
    (
        SELECT
            *,
            capacity_ucs > 0 AND capacity_bs > 0 AS known,
            {rule_node_rates:Array(Int64)}[{{price_at}} + 1] AS node_rate,
            {rule_cpu_rates:Array(Int64)}[{{price_at}} + 1] AS cpu_rate,
            {rule_ram_rates:Array(Int64)}[{{price_at}} + 1] AS ram_rate,
            {rule_gpu_rates:Array(Int64)}[{{gpu_at}} + 1] AS gpu_rate,
            multiIf(
                NOT known, 'unknown', {{price_at}} > 0, 'override', reported, 'reported', gpu_rate >= 0 AND gpu_us > 0, 'override', 'book') AS price_basis,
            -- in hundred-millionths
            multiIf(
                price_basis = 'book', {book_discounts:Array(Int64)}[{{discount_at}} + 1],
                price_basis = 'reported', {reported_discounts:Array(Int64)}[{{discount_at}} + 1],
                toInt64(0)) AS discount_share,
            -- A lambda names what is used more than once; aliases, or one more level of this query, would be planned again each time.
            -- Rates of zero have no ratio to split by: halves, and never nothing.
            arrayMap(
                (cpu, ram, gpu, split_gpu, whole, kept) -> (
                    if(whole >= 0,
                        intDiv(whole * if(cpu + ram + split_gpu > 0, cpu, 1), if(cpu + ram + split_gpu > 0, cpu + ram + split_gpu, 2)),
                        intDiv(cpu * kept, 100000000)),
                    multiIf(
                        whole < 0, intDiv(gpu * kept, 100000000),
                        split_gpu = gpu, intDiv(whole * gpu, greatest(cpu + ram + gpu, 1)),
                        gpu),
                    -- of RAM, before CPU and GPUs are taken from a whole
                    if(whole >= 0, whole - intDiv(whole * split_gpu, greatest(cpu + ram + split_gpu, 1)), intDiv(ram * kept, 100000000))),
                [intDiv(toInt256(capacity_ucs) * multiIf(cpu_rate >= 0, cpu_rate, spot, {spot_cpu_rate:Int64}, {cpu_rate:Int64}), 3600000000)],
                [intDiv(toInt256(capacity_bs) * multiIf(ram_rate >= 0, ram_rate, spot, {spot_ram_rate:Int64}, {ram_rate:Int64}), toInt256(3600) * 1073741824)],
                [intDiv(toInt256(gpu_us) * multiIf(gpu_rate >= 0, gpu_rate, spot, {spot_gpu_rate:Int64}, {gpu_rate:Int64}), 3600000000)],
                [if(node_rate >= 0 AND gpu_rate >= 0, toInt256(0),
                    intDiv(toInt256(gpu_us) * multiIf(gpu_rate >= 0, gpu_rate, spot, {spot_gpu_rate:Int64}, {gpu_rate:Int64}), 3600000000))],
                [multiIf(
                    node_rate >= 0, intDiv(toInt256(node_rate) * covered_ms, 3600000),
                    price_basis = 'reported', intDiv(toInt256(reported_pico) * (100000000 - discount_share), 100000000),
                    toInt256(-1))],
                [toInt256(100000000) - discount_share])[1] AS parts
        FROM
        (
            {{offered}}
        )
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
    CAST(toDecimal128(if(known, gpu_us, 0), 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS gpu_capacity_seconds,
    CAST(toDecimal128(if(known AND reported, reported_pico, 0), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS reported_cost,
    known AND reported AS has_reported_cost,
    CAST(toDecimal128(if(known, toInt128(parts.1), 0), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cpu_cost,
    CAST(toDecimal128(if(known, toInt128(if(node_rate >= 0 OR price_basis = 'reported', parts.3 - parts.1, parts.3)), 0), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS ram_cost,
    CAST(toDecimal128(if(known, toInt128(parts.2), 0), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS gpu_cost,
    CAST(toDecimal64(discount_share, 0) * toDecimal64('0.00000001', 8) AS Decimal(9, 8)) AS discount,
    price_basis,
    {price_version:String} AS price_version,
    {source:String} AS source,
    false AS withdrawn,
    {version:UInt64} AS version
FROM priced
UNION ALL
-- every node that an earlier version of this hour held, withdrawn at a lesser version: where it is still there, the row above wins
SELECT
    tenant, cluster, day, node, hour, '', '', '', '', false, map(), 0, 0, 0, 0, 0, false, 0, 0, 0, 0, 'unknown',
    {price_version:String}, {source:String}, true, {version:UInt64} - 1
FROM node_hours
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
GROUP BY tenant, cluster, day, node, hour
