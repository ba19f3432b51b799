INSERT INTO cluster_hours
(
    tenant, cluster, day, hour, source, covered_ms, reported, nodes, management_cost, management_basis, price_version, seen_at, arrivals, computed_at, version
)
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    toDate({hour:DateTime64(3, 'UTC')}) AS day,
    toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AS hour,
    {source:String} AS source,
    {covered_ms:UInt32} AS covered_ms,
    mapFromArrays({sources:Array(String)}, {sources_covered_ms:Array(UInt32)}) AS reported,
    {nodes:UInt32} AS nodes,
    CAST(toDecimal128({management_pico:Int64}, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS management_cost,
    {management_basis:String} AS management_basis,
    {price_version:String} AS price_version,
    {seen_at:DateTime64(3, 'UTC')} AS seen_at,
    {arrivals:UInt64} AS arrivals,
    {computed_at:DateTime64(3, 'UTC')} AS computed_at,
    {version:UInt64} AS version
