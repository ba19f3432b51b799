-- Ledger rows of one cluster, in the order of the table: {containers} containers of one pod each and what each of {nodes}
-- nodes had left over, every hour of {days} days from {from_day} on, up to {end}.
--
-- What compresses badly in a real ledger does so here: usage, costs, peaks and network differ in every digit from hour to
-- hour. What repeats does too: requests, and the names and labels of pods, which are replaced every five days. Every third
-- workload uses more than it requests, so that the quantity charged is sometimes the one and sometimes the other.
INSERT INTO container_hours
(
    tenant, cluster, day, namespace, pod, pod_uid, container, node, hour, controller_kind, controller, labels, annotations, run_ms,
    cpu_core_seconds, ram_byte_seconds, cpu_usage_core_seconds, ram_usage_byte_seconds, cpu_request_core_seconds, ram_request_byte_seconds,
    cpu_usage_max_millicores, ram_usage_max_bytes, network_received_bytes, network_sent_bytes, cpu_cost, ram_cost, price_version, source,
    withdrawn, version
)
WITH
    {containers:UInt32} + {nodes:UInt32} AS things,
    intDiv(number, things * 24) AS d,
    intDiv(number % (things * 24), 24) AS thing,
    number % 24 AS hour_of_day,
    thing < {nodes:UInt32} AS idle,
    if(idle, 0, thing - {nodes:UInt32}) AS p,
    intDiv(p, 50) AS w,
    {from_day:Date} + toIntervalDay(d) AS day_,
    -- which of a workload's versions is running
    intDiv(toUInt32(day_) + w, 5) AS generation,
    cityHash64({cluster:UUID}, p, generation) AS pod_hash,
    (cityHash64({cluster:UUID}, number, {from_day:Date}) % 1000003) / 1000003 AS noise,
    (cityHash64({cluster:UUID}, number, {from_day:Date}, 1) % 1000003) / 1000003 AS noise_ram,
    0.5 + 0.5 * sin(pi() * hour_of_day / 24) AS business,
    if(w % 3 = 0, 0.24, 0.10) * (0.6 + business * 0.6) * (0.85 + 0.3 * noise) AS cores_used,
    toInt64(if(idle, 0, cores_used * 3600000000)) AS usage_ucs,
    toInt64(if(idle, 0, 540000000)) AS request_ucs,
    if(idle, toInt64(9000000000 * (0.8 + 0.4 * noise)), greatest(usage_ucs, request_ucs)) AS ucs,
    toInt64(if(idle, 0, 230000000 * (0.9 + 0.2 * noise_ram))) * 3600 AS usage_bs,
    toInt64(if(idle, 0, 268435456)) * 3600 AS request_bs,
    if(idle, toInt64(20000000000 * (0.8 + 0.4 * noise_ram)) * 3600, greatest(usage_bs, request_bs)) AS bs,
    if(idle, thing, pod_hash % {nodes:UInt32}) AS node_index
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    day_ AS day,
    if(idle, '__idle__', concat({name:String}, '-', leftPad(toString(intDiv(w, 5)), 3, '0'))) AS namespace,
    if(idle, '', concat('app-', leftPad(toString(w), 3, '0'), '-', lower(hex(toUInt32(cityHash64(w, generation)))), '-', lower(hex(toUInt16(pod_hash))))) AS pod,
    if(idle, '', toString(reinterpretAsUUID(unhex(concat(hex(pod_hash), hex(cityHash64(pod_hash))))))) AS pod_uid,
    if(idle, '', 'app') AS container,
    concat('ip-10-0-', toString(intDiv(node_index, 250)), '-', toString(node_index % 250), '.ec2.internal') AS node,
    toDateTime(day_, 'UTC') + toIntervalHour(hour_of_day) AS hour,
    if(idle, '', 'Deployment') AS controller_kind,
    if(idle, '', concat('app-', leftPad(toString(w), 3, '0'))) AS controller,
    if(idle, map(), map('app', controller, 'env', 'production', 'team', concat('team-', toString(intDiv(w, 5))), 'version', toString(generation))) AS labels,
    map() AS annotations,
    3600000 AS run_ms,
    CAST(toDecimal128(ucs, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS cpu_core_seconds,
    bs AS ram_byte_seconds,
    CAST(toDecimal128(usage_ucs, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS cpu_usage_core_seconds,
    usage_bs AS ram_usage_byte_seconds,
    CAST(toDecimal128(request_ucs, 0) * toDecimal128('0.000001', 6) AS Decimal(18, 6)) AS cpu_request_core_seconds,
    request_bs AS ram_request_byte_seconds,
    toUInt32(if(idle, 0, cores_used * (1000 + 1000 * noise))) AS cpu_usage_max_millicores,
    toUInt64(if(idle, 0, intDiv(usage_bs, 3600) * (1 + noise))) AS ram_usage_max_bytes,
    toUInt64(if(idle, 0, 100000000 * noise_ram)) AS network_received_bytes,
    toUInt64(if(idle, 0, 40000000 * noise)) AS network_sent_bytes,
    CAST(toDecimal128(intDiv(toInt128(ucs) * 31611000000, 3600000000), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cpu_cost,
    CAST(toDecimal128(intDiv(toInt128(bs) * 4237000000, toInt128(3600) * 1073741824), 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS ram_cost,
    -- the book that is built in: under any other the server would price all of it again
    '00000000-0000-4000-8000-000000000001' AS price_version,
    'agent' AS source,
    false AS withdrawn,
    2 AS version
FROM numbers(toUInt64(things) * 24 * {days:UInt32})
WHERE hour < {end:DateTime('UTC')}
