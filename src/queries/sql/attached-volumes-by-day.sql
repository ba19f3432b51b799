-- What the window's volumes cost on whole days, for what grain.ts lets be read so.
SELECT
    cluster, toDateTime(day, 'UTC') AS at, first_hour AS first_at, last_hour AS last_at, 'volume' AS what, v.covered_ms AS run_ms,
    node, if(v.namespace = '', '__unmounted__', v.namespace) AS namespace, controller_kind, controller,
    if(v.pod = '', '__unmounted__', v.pod) AS pod,
    if(v.pod = '', '__unmounted__', v.container) AS container,
    labels, annotations,
    CAST([], 'Array(String)') AS services,
    if(v.volume = '', concat(v.namespace, '/', v.claim), v.volume) AS name,
    v.provider_id AS address,
    byte_seconds, cost, cost_adjustment
FROM volume_days AS v FINAL
WHERE {{of_window}}
    AND NOT withdrawn
