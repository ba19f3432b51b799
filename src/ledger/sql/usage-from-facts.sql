-- What every pod or container of one cluster held and used in one hour, as its source states it of the whole hour. What is
-- not stated is worked out as it is from samples: the basis of the charge is max(request, usage). Of two statements about
-- one thing the later one counts (FINAL); a source that states all of an hour at once (`restates`) takes back what it no longer
-- states. A peak is at least the average, and that is all that an hour tells of it.
SELECT
    namespace, pod, pod_uid, container, node, controller_kind, controller, labels,
    JSONExtract(annotations, 'Map(LowCardinality(String), String)') AS annotations,
    toInt64(least(run_ms, 3600000)) AS run_ms,
    toInt128(if(cpu >= 0, cpu, greatest(cpu_used, cpu_asked, 0))) AS ucs,
    toInt128(if(ram >= 0, ram, greatest(ram_used, ram_asked, 0))) AS bs,
    toInt128(greatest(cpu_used, 0)) AS usage_ucs,
    toInt128(greatest(ram_used, 0)) AS usage_bs,
    toInt128(greatest(cpu_asked, 0)) AS request_ucs,
    toInt128(greatest(ram_asked, 0)) AS request_bs,
    intDiv(greatest(cpu_used, 0) * 1000000, greatest(run_ms, 1)) AS cpu_max,
    intDiv(greatest(ram_used, 0) * 1000, greatest(run_ms, 1)) AS ram_max,
    toInt64(greatest(received_bytes, 0)) AS received,
    toInt64(greatest(sent_bytes, 0)) AS sent,
    -- more than 10,000 GPUs are nobody's
    toInt128(least(if(gpu >= 0, gpu, greatest(gpu_used, gpu_asked, 0)), 36000000000)) * 1000 AS gpu_us,
    toInt128(least(greatest(gpu_used, 0), 36000000000)) * 1000 AS gpu_usage_us,
    toInt128(least(greatest(gpu_asked, 0), 36000000000)) * 1000 AS gpu_request_us,
    toInt64(greatest(zone_sent_bytes, 0)) AS zone_bytes,
    toInt64(greatest(region_sent_bytes, 0)) AS region_bytes,
    toInt64(greatest(internet_sent_bytes, 0)) AS internet_bytes,
    if(priced, cpu_pico + cpu_adjustment_pico, NULL) AS stated_cpu_pico,
    if(priced, ram_pico + ram_adjustment_pico, NULL) AS stated_ram_pico,
    if(priced, gpu_pico + gpu_adjustment_pico, NULL) AS stated_gpu_pico,
    if(priced, zone_pico, NULL) AS stated_zone_pico,
    if(priced, region_pico, NULL) AS stated_region_pico,
    -- what is stated of the network and not whereto, and what is corrected of all of it
    if(priced, network_pico - zone_pico - region_pico + network_adjustment_pico, NULL) AS stated_internet_pico,
    external_pico,
    cpu_adjustment_pico,
    ram_adjustment_pico,
    gpu_adjustment_pico,
    network_adjustment_pico
FROM
(
    SELECT
        namespace, pod, container, node,
        texts['pod_uid'] AS pod_uid,
        texts['controller_kind'] AS controller_kind,
        texts['controller'] AS controller,
        labels,
        texts['annotations'] AS annotations,
        if(mapContains(amounts, 'run_ms'), amounts['run_ms'], 3600000) AS run_ms,
        if(mapContains(amounts, 'cpu_ucs'), amounts['cpu_ucs'], -1) AS cpu,
        if(mapContains(amounts, 'ram_bs'), amounts['ram_bs'], -1) AS ram,
        if(mapContains(amounts, 'cpu_usage_ucs'), amounts['cpu_usage_ucs'], -1) AS cpu_used,
        if(mapContains(amounts, 'ram_usage_bs'), amounts['ram_usage_bs'], -1) AS ram_used,
        if(mapContains(amounts, 'cpu_request_ucs'), amounts['cpu_request_ucs'], -1) AS cpu_asked,
        if(mapContains(amounts, 'ram_request_bs'), amounts['ram_request_bs'], -1) AS ram_asked,
        if(mapContains(amounts, 'network_received_bytes'), amounts['network_received_bytes'], 0) AS received_bytes,
        if(mapContains(amounts, 'network_sent_bytes'), amounts['network_sent_bytes'], 0) AS sent_bytes,
        if(mapContains(amounts, 'gpu_ms'), amounts['gpu_ms'], -1) AS gpu,
        amounts['gpu_usage_ms'] AS gpu_used,
        greatest(amounts['gpu_request_ms'], gpu_held_ms) AS gpu_asked,
        amounts['network_zone_sent_bytes'] AS zone_sent_bytes,
        amounts['network_region_sent_bytes'] AS region_sent_bytes,
        amounts['network_internet_sent_bytes'] AS internet_sent_bytes,
        mapContains(amounts, 'cpu_cost_pico') AS priced,
        toInt128(amounts['cpu_cost_pico']) AS cpu_pico,
        toInt128(amounts['ram_cost_pico']) AS ram_pico,
        toInt128(amounts['gpu_cost_pico']) AS gpu_pico,
        toInt128(amounts['network_cost_pico']) AS network_pico,
        toInt128(amounts['network_part_zone_pico']) AS zone_pico,
        toInt128(amounts['network_part_region_pico']) AS region_pico,
        toInt128(amounts['external_cost_pico']) AS external_pico,
        toInt128(amounts['cpu_cost_adjustment_pico']) AS cpu_adjustment_pico,
        toInt128(amounts['ram_cost_adjustment_pico']) AS ram_adjustment_pico,
        toInt128(amounts['gpu_cost_adjustment_pico']) AS gpu_adjustment_pico,
        toInt128(amounts['network_cost_adjustment_pico']) AS network_adjustment_pico
    FROM
    (
        SELECT
            namespace, pod, container, node,
            JSONExtract(f.amounts, 'Map(String, Int64)') AS amounts,
            JSONExtract(f.texts, 'Map(String, String)') AS texts,
            JSONExtract(f.labels, 'Map(LowCardinality(String), String)') AS labels,
            held.gpu_held_ms AS gpu_held_ms
        FROM hour_facts AS f FINAL
        LEFT JOIN
        (
            SELECT node, namespace, pod, sum(g.held_ms) AS gpu_held_ms
            FROM
            (
                {{gpus}}
            ) AS g
            GROUP BY node, namespace, pod
        ) AS held
        ON f.node = held.node AND f.namespace = held.namespace AND f.pod = held.pod AND f.container = ''
        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
            AND kind IN ('pod', 'container') AND hour = {hour:DateTime64(3, 'UTC')}
            AND (NOT {restates:Bool} OR stated_at = (
                SELECT max(stated_at)
                FROM hour_facts
                WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
                    AND kind IN ('pod', 'container', 'node') AND hour = {hour:DateTime64(3, 'UTC')}))
    )
    -- what ran for no time held nothing, but may have a cost: one that is corrected later
    WHERE NOT mapContains(amounts, 'run_ms') OR amounts['run_ms'] > 0 OR mapContains(amounts, 'cpu_cost_pico')
)
