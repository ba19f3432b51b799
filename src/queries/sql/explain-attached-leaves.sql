-- What clusters pay for beside their nodes, in the words of allocation-columns.ts; with each part of a volume the whole of it.
SELECT
    cluster, hour AS at, 'volume' AS what, v.covered_ms AS run_ms, node,
    if(v.namespace = '', '__unmounted__', v.namespace) AS namespace, controller_kind, controller,
    if(v.pod = '', '__unmounted__', v.pod) AS pod,
    if(v.pod = '', '__unmounted__', v.container) AS container,
    labels, annotations, CAST([], 'Array(String)') AS services,
    if(v.volume = '', concat(v.namespace, '/', v.claim), v.volume) AS name, v.storage_class AS class,
    toInt128(v.byte_seconds) AS held,
    sum(toInt128(v.byte_seconds)) OVER (PARTITION BY v.cluster, v.hour, v.namespace, v.claim, v.volume) AS whole_held,
    v.cost AS paid,
    sum(v.cost) OVER (PARTITION BY v.cluster, v.hour, v.namespace, v.claim, v.volume) AS whole_paid,
    v.cost_adjustment AS adjustment, v.price_basis AS basis, v.price_version AS priced_with, v.source AS told_by
FROM volume_hours AS v FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
UNION ALL
SELECT
    cluster, hour, 'balancer', run_ms, '', namespace, '', '', '', '', map(), map(),
    if(service = '', CAST([], 'Array(String)'), splitByChar(',', service)), service, '',
    toInt128(0), toInt128(0), cost, toDecimal128(cost, 12), cost_adjustment, price_basis, price_version, source
FROM balancer_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND NOT withdrawn
UNION ALL
SELECT
    cluster, hour, 'management', toUInt32(3600000), '', '', '', '', '', '', map(), map(), CAST([], 'Array(String)'), '', '',
    toInt128(0), toInt128(0), management_cost, toDecimal128(management_cost, 12), 0, 'book', price_version, source
FROM cluster_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')} AND management_cost != 0
