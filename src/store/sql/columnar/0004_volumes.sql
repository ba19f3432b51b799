-- What clusters pay for beside their nodes, hour by hour, replaced like container_hours.
--
-- A volume by who mounted it: one row a pod, and one with pod '' for the time that nobody did (`__unmounted__`). The rows
-- of a volume add up to what it held and cost, exactly. `price_basis`: 'book', 'reported' (a price of its source: shared like
-- the bytes) or 'stated' (the source states the cost of this very row); the last two stay what they are under another book.
CREATE TABLE IF NOT EXISTS volume_hours
(
    tenant        UUID,
    cluster       UUID,
    day           Date,
    namespace     LowCardinality(String),
    claim         String CODEC(ZSTD(1)),
    volume        String CODEC(ZSTD(1)),
    pod           String CODEC(ZSTD(1)),
    hour          DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    storage_class LowCardinality(String),
    provider_id   String CODEC(ZSTD(1)),
    -- how many pods mounted the volume in the hour, and how long it was there: the same on all of its rows
    pods          UInt32 CODEC(ZSTD(1)),
    covered_ms    UInt32 CODEC(ZSTD(1)),
    byte_seconds  Int64 CODEC(ZSTD(1)),
    cost          Decimal(18, 12) CODEC(ZSTD(1)),
    price_basis   LowCardinality(String),
    price_version LowCardinality(String),
    source        LowCardinality(String),
    withdrawn     Bool,
    version       UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, namespace, claim, volume, pod, hour)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS balancer_hours
(
    tenant        UUID,
    cluster       UUID,
    day           Date,
    namespace     LowCardinality(String),
    service       String CODEC(ZSTD(1)),
    ingress       String CODEC(ZSTD(1)),
    hour          DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    run_ms        UInt32 CODEC(ZSTD(1)),
    cost          Decimal(18, 12) CODEC(ZSTD(1)),
    price_basis   LowCardinality(String),
    price_version LowCardinality(String),
    source        LowCardinality(String),
    withdrawn     Bool,
    version       UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, namespace, service, ingress, hour)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
