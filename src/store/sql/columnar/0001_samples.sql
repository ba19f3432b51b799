-- Raw facts as seen, one row per thing and instant. A re-delivered row collapses (same sorting key). Of two rows that
-- contradict each other under one key the greater `digest` stays: a rule that no order of delivery can change, and the
-- same that the rollup applies to rows that are not merged yet.
-- `received_at` is the engine's own clock at insert: the rollup finds new rows by it.
-- Daily parts, because retention is days: whole partitions are dropped.
CREATE TABLE IF NOT EXISTS container_samples
(
    tenant           UUID,
    cluster          UUID,
    source           LowCardinality(String),
    at               DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    node             LowCardinality(String),
    namespace        LowCardinality(String),
    pod              String CODEC(ZSTD(1)),
    pod_uid          String CODEC(ZSTD(1)),
    container        LowCardinality(String),
    controller_kind  LowCardinality(String),
    controller       LowCardinality(String),
    phase            LowCardinality(String),
    -- nanocores and bytes; NULL is "the source does not know"
    cpu_usage        Nullable(Int64) CODEC(ZSTD(1)),
    cpu_request      Nullable(Int64) CODEC(ZSTD(1)),
    cpu_limit        Nullable(Int64) CODEC(ZSTD(1)),
    memory_usage     Nullable(Int64) CODEC(ZSTD(1)),
    memory_request   Nullable(Int64) CODEC(ZSTD(1)),
    memory_limit     Nullable(Int64) CODEC(ZSTD(1)),
    network_received Nullable(Int64) CODEC(ZSTD(1)),
    network_sent     Nullable(Int64) CODEC(ZSTD(1)),
    started_at       Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    ended_at         Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    -- JSON object with sorted keys: written once a sample, read once an hour
    labels           String CODEC(ZSTD(1)),
    digest           UInt32 MATERIALIZED toUInt32(cityHash64(
        phase, ifNull(cpu_usage, -1), ifNull(cpu_request, -1), ifNull(cpu_limit, -1), ifNull(memory_usage, -1), ifNull(memory_request, -1),
        ifNull(memory_limit, -1), ifNull(network_received, -1), ifNull(network_sent, -1), ifNull(toUnixTimestamp64Milli(started_at), -1),
        ifNull(toUnixTimestamp64Milli(ended_at), -1), controller_kind, controller, labels)),
    received_at      DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    INDEX received_at_minmax received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(digest)
PARTITION BY toYYYYMMDD(at)
ORDER BY (tenant, cluster, source, toStartOfHour(at), namespace, pod, pod_uid, container, node, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS node_samples
(
    tenant          UUID,
    cluster         UUID,
    source          LowCardinality(String),
    at              DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    node            LowCardinality(String),
    provider_id     String CODEC(ZSTD(1)),
    instance_type   LowCardinality(String),
    region          LowCardinality(String),
    zone            LowCardinality(String),
    spot            Bool,
    cpu_capacity    Nullable(Int64) CODEC(ZSTD(1)),
    memory_capacity Nullable(Int64) CODEC(ZSTD(1)),
    hourly_cost     Nullable(Decimal(18, 12)) CODEC(ZSTD(1)),
    labels          String CODEC(ZSTD(1)),
    digest          UInt32 MATERIALIZED toUInt32(cityHash64(
        provider_id, instance_type, region, zone, spot, ifNull(cpu_capacity, -1), ifNull(memory_capacity, -1), ifNull(hourly_cost, -1), labels)),
    received_at     DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    INDEX received_at_minmax received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(digest)
PARTITION BY toYYYYMMDD(at)
ORDER BY (tenant, cluster, source, toStartOfHour(at), node, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
