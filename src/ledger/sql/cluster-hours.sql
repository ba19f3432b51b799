INSERT INTO cluster_hours
(
    tenant, cluster, day, hour, source, covered_ms, reported, nodes, price_version, seen_at, arrivals, computed_at, version
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
    {price_version:String} AS price_version,
    {seen_at:DateTime64(3, 'UTC')} AS seen_at,
    {arrivals:UInt64} AS arrivals,
    {computed_at:DateTime64(3, 'UTC')} AS computed_at,
    {version:UInt64} AS version
