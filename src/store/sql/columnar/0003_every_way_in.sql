-- Volumes and balancers as seen, like container_samples.
CREATE TABLE IF NOT EXISTS volume_samples
(
    tenant        UUID,
    cluster       UUID,
    source        LowCardinality(String),
    at            DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    namespace     LowCardinality(String),
    claim         String CODEC(ZSTD(1)),
    volume        String CODEC(ZSTD(1)),
    storage_class LowCardinality(String),
    provider_id   String CODEC(ZSTD(1)),
    capacity      Nullable(Int64) CODEC(ZSTD(1)),
    request       Nullable(Int64) CODEC(ZSTD(1)),
    usage         Nullable(Int64) CODEC(ZSTD(1)),
    -- JSON list of the pods that mount it, sorted
    pods          String CODEC(ZSTD(1)),
    labels        String CODEC(ZSTD(1)),
    digest        UInt32 MATERIALIZED toUInt32(cityHash64(
        volume, storage_class, provider_id, ifNull(capacity, -1), ifNull(request, -1), ifNull(usage, -1), pods, labels)),
    received_at   DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    INDEX received_at_minmax received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(digest)
PARTITION BY toYYYYMMDD(at)
ORDER BY (tenant, cluster, source, toStartOfHour(at), namespace, claim, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS balancer_samples
(
    tenant      UUID,
    cluster     UUID,
    source      LowCardinality(String),
    at          DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    namespace   LowCardinality(String),
    service     String CODEC(ZSTD(1)),
    ingress     String CODEC(ZSTD(1)),
    hourly_cost Nullable(Decimal(18, 12)) CODEC(ZSTD(1)),
    digest      UInt32 MATERIALIZED toUInt32(cityHash64(ingress, ifNull(hourly_cost, -1))),
    received_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    INDEX received_at_minmax received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(digest)
PARTITION BY toYYYYMMDD(at)
ORDER BY (tenant, cluster, source, toStartOfHour(at), namespace, service, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What hour-grain sources state of whole hours. Of two statements about one thing and hour the later one counts, and of two
-- made at once the one with the greater digest: no order of delivery can change which. Amounts are whole numbers whose unit
-- is in their name (core/hour-facts.ts); what is not stated is not there.
CREATE TABLE IF NOT EXISTS hour_facts
(
    tenant      UUID,
    cluster     UUID,
    source      LowCardinality(String),
    kind        LowCardinality(String),
    hour        DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    stated_at   DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    node        LowCardinality(String),
    namespace   LowCardinality(String),
    pod         String CODEC(ZSTD(1)),
    container   LowCardinality(String),
    name        String CODEC(ZSTD(1)),
    -- JSON objects with sorted keys: written once, read once an hour
    amounts     String CODEC(ZSTD(1)),
    texts       String CODEC(ZSTD(1)),
    labels      String CODEC(ZSTD(1)),
    version     UInt64 MATERIALIZED bitShiftLeft(toUInt64(toUnixTimestamp64Milli(stated_at)), 20) + cityHash64(amounts, texts, labels) % 1048576,
    received_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    INDEX received_at_minmax received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, cluster, source, kind, hour, node, namespace, pod, container, name)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Prometheus series, told once a day, so that whole days can be dropped.
CREATE TABLE IF NOT EXISTS series
(
    tenant      UUID,
    cluster     UUID,
    source      LowCardinality(String),
    day         Date,
    metric      LowCardinality(String),
    id          UInt64,
    namespace   LowCardinality(String),
    pod         String CODEC(ZSTD(1)),
    uid         String CODEC(ZSTD(1)),
    container   LowCardinality(String),
    node        LowCardinality(String),
    labels      String CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    INDEX received_at_minmax received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(day)
ORDER BY (tenant, cluster, source, day, metric, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Their points. Of two values for one instant the greater stays, whichever came first.
CREATE TABLE IF NOT EXISTS points
(
    tenant      UUID,
    cluster     UUID,
    source      LowCardinality(String),
    id          UInt64 CODEC(ZSTD(1)),
    at          DateTime64(3, 'UTC') CODEC(DoubleDelta, LZ4),
    value       Float64 CODEC(Gorilla, LZ4),
    rank        UInt64 MATERIALIZED bitXor(reinterpretAsUInt64(value), if(value < 0, 18446744073709551615, 9223372036854775808)),
    received_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, LZ4),
    INDEX received_at_minmax received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMMDD(at)
ORDER BY (tenant, cluster, source, toStartOfHour(at), id, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
