-- What the containers of each workload used, asked for and were charged over the window: by replica (a pod on its own is a workload),
-- then all replicas of a workload together. What it asks for now is what its newest replica asked for when last seen.
SELECT
    toString(w.cluster) AS cluster, w.namespace AS namespace, w.kind AS controller_kind, w.name AS controller, w.container AS container,
    count() AS replicas,
    min(w.first_s) AS first_s,
    max(w.last_s) AS last_s,
    groupBitmapMerge(w.hours) AS observed_hours,
    groupUniqArrayArray(w.sources) AS sources,
    toString(sum(w.run_ms)) AS run_ms,
    toString(max(w.cpu_max) * 1000) AS cpu_usage_max,
    toString(sum(w.cpu_usage)) AS cpu_usage,
    toString(sum(w.cpu_request)) AS cpu_request,
    toString(argMax(w.cpu_latest, (w.last_s, w.first_s, w.pod))) AS cpu_requested,
    toString(sum(w.cpu_held)) AS cpu_held,
    toString(sum(w.cpu_cost)) AS cpu_cost,
    toString(max(w.ram_max)) AS ram_usage_max,
    toString(sum(w.ram_usage)) AS ram_usage,
    toString(sum(w.ram_request)) AS ram_request,
    toString(argMax(w.ram_latest, (w.last_s, w.first_s, w.pod))) AS ram_requested,
    toString(sum(w.ram_held)) AS ram_held,
    toString(sum(w.ram_cost)) AS ram_cost
FROM
(
    SELECT
        l.cluster AS cluster, l.namespace AS namespace, l.pod AS pod, l.container AS container,
        any(if(l.controller = '', 'pod', lower(l.controller_kind))) AS kind,
        any(if(l.controller = '', l.pod, l.controller)) AS name,
        toUnixTimestamp(min(l.at)) AS first_s,
        toUnixTimestamp(max(l.at)) AS last_s,
        groupBitmapStateIf(toUInt32(intDiv(toUnixTimestamp(l.at), 3600)), l.cpu_usage_core_seconds > 0 OR l.ram_usage_byte_seconds > 0) AS hours,
        groupUniqArray(l.source) AS sources,
        sum(toInt128(l.run_ms)) AS run_ms,
        max(toUInt64(l.cpu_usage_max_millicores)) AS cpu_max,
        sum(toInt128(toDecimal128(l.cpu_usage_core_seconds, 6) * 1000000)) AS cpu_usage,
        sum(toInt128(toDecimal128(l.cpu_request_core_seconds, 6) * 1000000)) AS cpu_request,
        argMax(intDiv(toInt128(toDecimal128(l.cpu_request_core_seconds, 6) * 1000000) * 1000 + intDiv(l.run_ms, 2), l.run_ms), l.at) AS cpu_latest,
        sum(toInt128(toDecimal128(l.cpu_core_seconds, 6) * 1000000)) AS cpu_held,
        sum(l.cpu_cost) AS cpu_cost,
        max(l.ram_usage_max_bytes) AS ram_max,
        sum(toInt128(l.ram_usage_byte_seconds)) AS ram_usage,
        sum(toInt128(l.ram_request_byte_seconds)) AS ram_request,
        argMax(intDiv(toInt128(l.ram_request_byte_seconds) * 1000 + intDiv(l.run_ms, 2), l.run_ms), l.at) AS ram_latest,
        sum(toInt128(l.ram_byte_seconds)) AS ram_held,
        sum(l.ram_cost) AS ram_cost
    FROM
    (
        SELECT
            cluster, hour AS at, node, namespace, controller_kind, controller, pod, pod_uid, container, labels, annotations, CAST([], 'Array(String)') AS services, run_ms, source,
            cpu_core_seconds, cpu_request_core_seconds, cpu_usage_core_seconds, cpu_usage_max_millicores, cpu_cost,
            ram_byte_seconds, ram_request_byte_seconds, ram_usage_byte_seconds, ram_usage_max_bytes, ram_cost
        FROM container_hours FINAL
        WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
            AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
            AND hour >= {start:DateTime64(3, 'UTC')} AND hour < {end:DateTime64(3, 'UTC')}
            AND NOT withdrawn AND pod != '' AND run_ms > 0
    ) AS l
    {{joins}}
    WHERE {{asked}}
    GROUP BY l.cluster, l.namespace, l.pod, l.pod_uid, l.container
) AS w
GROUP BY w.cluster, w.namespace, w.kind, w.name, w.container
LIMIT {rows_max:UInt32}
