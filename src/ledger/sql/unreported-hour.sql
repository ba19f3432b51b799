-- An hour that no source saw a node in was looked at, and what was seen of its rows. Where the ledger has the hour from
-- before, its record stays as it is; where not, it is a record of nothing: no source, and nothing covered.
INSERT INTO cluster_hours
(
    tenant, cluster, day, hour, source, covered_ms, reported, nodes, management_cost, management_basis, price_version, seen_at, arrivals, computed_at, version
)
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    toDate({hour:DateTime64(3, 'UTC')}) AS day,
    toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AS hour,
    any(known.source) AS source,
    any(known.covered_ms) AS covered_ms,
    any(known.reported) AS reported,
    any(known.nodes) AS nodes,
    any(known.management_cost) AS management_cost,
    any(known.management_basis) AS management_basis,
    any(known.price_version) AS price_version,
    {seen_at:DateTime64(3, 'UTC')} AS seen_at,
    {arrivals:UInt64} AS arrivals,
    {computed_at:DateTime64(3, 'UTC')} AS computed_at,
    {version:UInt64} AS version
FROM
(
    SELECT source, covered_ms, reported, nodes, management_cost, management_basis, price_version
    FROM cluster_hours FINAL
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
        AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
) AS known
