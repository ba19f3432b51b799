-- Days of one cluster as the rollup would have summed them up: {containers} containers in workloads of five pods, each on {days}
-- days from {from_day} on. Pods are replaced every five days. Costs differ in every digit from day to day.
INSERT INTO workload_days
(
    tenant, cluster, day, namespace, controller_kind, controller, labels, labels_digest, cpu_core_seconds, ram_byte_seconds,
    cpu_usage_core_seconds, ram_usage_byte_seconds, cpu_request_core_seconds, ram_request_byte_seconds, network_received_bytes,
    network_sent_bytes, cpu_cost, ram_cost, pods, withdrawn, version
)
SELECT
    {tenant:UUID} AS tenant, {cluster:UUID} AS cluster, w.day_ AS day,
    if(w.workload = 0, '__idle__', concat({name:String}, '-', leftPad(toString(intDiv(w.workload, 50)), 3, '0'))) AS namespace,
    if(w.workload = 0, '', 'Deployment') AS controller_kind,
    if(w.workload = 0, '', concat('app-', toString(w.workload))) AS controller,
    if(w.workload = 0, map(), map('app', concat('app-', toString(w.workload)), 'env', 'production', 'team', concat('team-', toString(intDiv(w.workload, 50))), 'version', toString(w.generation))) AS labels,
    cityHash64(mapKeys(labels), mapValues(labels)) AS labels_digest,
    sum(toDecimal128('2160', 6) + toDecimal128(w.noise % 7000, 6)) AS cpu_core_seconds,
    sum(toInt128(23192823398400) + w.noise) AS ram_byte_seconds,
    sum(toDecimal128(w.noise % 7000, 6)) AS cpu_usage_core_seconds,
    sum(toInt128(19000000000000) + w.noise) AS ram_usage_byte_seconds,
    sum(toDecimal128('12960', 6)) AS cpu_request_core_seconds,
    sum(toInt128(23192823398400)) AS ram_request_byte_seconds,
    sum(w.noise) AS network_received_bytes,
    sum(intDiv(w.noise, 3)) AS network_sent_bytes,
    sum(toDecimal128('0.11', 12) + toDecimal128(w.noise % 100000000000, 0) * toDecimal128('0.000000000001', 12)) AS cpu_cost,
    sum(toDecimal128('0.025', 12) + toDecimal128(w.noise % 10000000000, 0) * toDecimal128('0.000000000001', 12)) AS ram_cost,
    uniqExactStateIf(cityHash64({cluster:UUID}, w.pod, w.generation), w.workload != 0) AS pods,
    false AS withdrawn,
    2 AS version
FROM
(
    SELECT
        {from_day:Date} + toIntervalDay(intDiv(number, {containers:UInt32})) AS day_,
        number % {containers:UInt32} AS pod,
        intDiv(pod, 5) AS workload,
        intDiv(toUInt32(day_) + workload, 5) AS generation,
        cityHash64({cluster:UUID}, number, {from_day:Date}) % 1000000000000 AS noise
    FROM numbers(toUInt64({containers:UInt32}) * {days:UInt32})
) AS w
GROUP BY w.day_, w.workload, w.generation
