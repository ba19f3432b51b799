-- Samples of one cluster as an agent would have sent them: {containers} containers from the {first}th on, of one pod each, 30 to a node, every 30
-- seconds from {start} on, {instants} times.
INSERT INTO container_samples
(
    tenant, cluster, source, at, node, namespace, pod, pod_uid, container, controller_kind, controller, phase,
    cpu_usage, cpu_request, cpu_limit, memory_usage, memory_request, memory_limit, network_received, network_sent, labels
)
WITH
    {first:UInt32} + intDiv(number, {instants:UInt32}) AS p,
    number % {instants:UInt32} AS i,
    intDiv(p, 50) AS w
SELECT
    {tenant:UUID}, {cluster:UUID}, 'agent',
    {start:DateTime64(3, 'UTC')} + toIntervalMillisecond(i * 30000) AS at,
    concat('ip-10-0-', toString(intDiv(p % {nodes:UInt32}, 250)), '-', toString(p % {nodes:UInt32} % 250), '.ec2.internal') AS node,
    concat('team-', leftPad(toString(intDiv(w, 5)), 3, '0')) AS namespace,
    concat('app-', toString(w), '-', lower(hex(toUInt32(cityHash64(w)))), '-', lower(hex(toUInt16(cityHash64(p))))) AS pod,
    toString(reinterpretAsUUID(unhex(concat(hex(cityHash64(p)), hex(cityHash64(p, 1)))))) AS pod_uid,
    'app', 'Deployment', concat('app-', toString(w)) AS controller, 'Running',
    toInt64(40000000 + cityHash64(p, i) % 90000000) AS cpu_usage, 150000000, NULL,
    toInt64(150000000 + cityHash64(p, i, 1) % 160000000) AS memory_usage, 268435456, 536870912,
    toInt64(i * (1000000 + p)) AS network_received, toInt64(i * 400000) AS network_sent,
    concat('{"app":"app-', toString(w), '","env":"production","team":"team-', toString(intDiv(w, 5)), '"}') AS labels
FROM numbers(toUInt64({containers:UInt32}) * {instants:UInt32})
