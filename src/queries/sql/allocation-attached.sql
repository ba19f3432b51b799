-- What the window's volumes, load balancers and management cost, by the hour. A part of a volume is its pod's; what nobody mounts
-- is `__unmounted__`. Whom a service stands before the ledger does not know.
SELECT
    cluster, hour AS at, 'volume' AS what, covered_ms AS run_ms,
    node, if(v.namespace = '', '__unmounted__', v.namespace) AS namespace, controller_kind, controller,
    if(v.pod = '', '__unmounted__', v.pod) AS pod,
    if(v.pod = '', '__unmounted__', v.container) AS container,
    labels, annotations,
    CAST([], 'Array(String)') AS services,
    if(v.volume = '', concat(v.namespace, '/', v.claim), v.volume) AS name,
    v.provider_id AS address,
    toInt128(v.byte_seconds) AS byte_seconds, cost, cost_adjustment
FROM volume_hours AS v FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
UNION ALL
SELECT
    cluster, hour AS at, 'balancer' AS what, run_ms,
    '', namespace, '', '', '', '', map(), map(),
    if(service = '', CAST([], 'Array(String)'), splitByChar(',', service)),
    concat(namespace, '/', service), ingress, toInt128(0), cost, cost_adjustment
FROM balancer_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
UNION ALL
SELECT
    cluster, hour AS at, 'management' AS what, toUInt32(3600000),
    '', '', '', '', '', '', map(), map(), CAST([], 'Array(String)'), '', '', toInt128(0), management_cost, 0
FROM cluster_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND management_cost != 0
