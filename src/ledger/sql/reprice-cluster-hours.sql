-- The same hour, under another price version: what it had seen of the samples stays what it was, and what was reported of the fee
-- for managing it.
INSERT INTO cluster_hours
(
    tenant, cluster, day, hour, source, covered_ms, reported, nodes, management_cost, management_basis, price_version, seen_at, arrivals, computed_at, version
)
SELECT
    tenant, cluster, day, hour, source, covered_ms, reported, nodes,
    if(management_basis = 'reported', management_cost, CAST(
        toDecimal128(intDiv(toInt128(covered_ms) * {management_rate:Int64}, 3600000), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12))) AS management_cost,
    if(management_basis = 'reported', 'reported', 'book') AS management_basis,
    {price_version:String} AS price_version, seen_at, arrivals, computed_at, {version:UInt64} AS version
FROM cluster_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
