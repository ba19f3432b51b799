-- The nodes of container-samples.sql, at the same instants.
INSERT INTO node_samples
(tenant, cluster, source, at, node, provider_id, instance_type, region, zone, spot, cpu_capacity, memory_capacity, hourly_cost, labels)
WITH intDiv(number, {instants:UInt32}) AS n, number % {instants:UInt32} AS i
SELECT
    {tenant:UUID}, {cluster:UUID}, 'agent',
    {start:DateTime64(3, 'UTC')} + toIntervalMillisecond(i * 30000) AS at,
    concat('ip-10-0-', toString(intDiv(n, 250)), '-', toString(n % 250), '.ec2.internal') AS node,
    concat('i-', lower(hex(cityHash64(n)))) AS provider_id, 'm5.2xlarge', 'us-east-1', 'us-east-1a', false,
    8000000000, 34359738368, toDecimal64('0.384', 12), '{}'
FROM numbers(toUInt64({nodes:UInt32}) * {instants:UInt32})
