-- What the window's volumes cost by the hour, but for the days that attached-volumes-by-day.sql reads. A part of a volume is its pod's; what
-- nobody mounts is `__unmounted__`.
SELECT
    cluster, hour AS at, hour AS first_at, hour AS last_at, 'volume' AS what, toUInt64(v.covered_ms) AS run_ms,
    node, if(v.namespace = '', '__unmounted__', v.namespace) AS namespace, controller_kind, controller,
    if(v.pod = '', '__unmounted__', v.pod) AS pod,
    if(v.pod = '', '__unmounted__', v.container) AS container,
    labels, annotations,
    CAST([], 'Array(String)') AS services,
    if(v.volume = '', concat(v.namespace, '/', v.claim), v.volume) AS name,
    v.provider_id AS address,
    toInt128(v.byte_seconds) AS byte_seconds, cost, cost_adjustment
FROM volume_hours AS v FINAL
WHERE {{of_window}}
    AND NOT withdrawn
