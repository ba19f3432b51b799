-- What clusters pay for beside workloads, by day: exact sums of the hours of a day that is over, so that long windows stay fast. Like
-- workload_days they are as good as their hours only while `day_grains` names these hours' newest version, and names these sums.
--
-- Every text stands in the key of its row (most of them by a digest), so that whatever can be asked of hours can be asked of days: a row
-- knows its first and last hour, and how long its thing was there in them.
CREATE TABLE IF NOT EXISTS volume_days
(
    tenant           UUID,
    cluster          UUID,
    day              Date,
    namespace        LowCardinality(String),
    claim            String CODEC(ZSTD(1)),
    volume           String CODEC(ZSTD(1)),
    pod              String CODEC(ZSTD(1)),
    -- of all texts that follow
    digest           UInt64 CODEC(ZSTD(1)),
    node             LowCardinality(String) CODEC(ZSTD(1)),
    container        LowCardinality(String) CODEC(ZSTD(1)),
    controller_kind  LowCardinality(String) CODEC(ZSTD(1)),
    controller       LowCardinality(String) CODEC(ZSTD(1)),
    labels           Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    annotations      Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    storage_class    LowCardinality(String),
    provider_id      String CODEC(ZSTD(1)),
    first_hour       DateTime('UTC') CODEC(ZSTD(1)),
    last_hour        DateTime('UTC') CODEC(ZSTD(1)),
    first_covered_ms UInt32 CODEC(ZSTD(1)),
    last_covered_ms  UInt32 CODEC(ZSTD(1)),
    covered_ms       UInt64 CODEC(ZSTD(1)),
    byte_seconds     Int128 CODEC(ZSTD(1)),
    cost             Decimal(38, 12) CODEC(ZSTD(1)),
    cost_adjustment  Decimal(38, 12) CODEC(ZSTD(1)),
    withdrawn        Bool,
    version          UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, namespace, claim, volume, pod, digest)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS balancer_days
(
    tenant          UUID,
    cluster         UUID,
    day             Date,
    namespace       LowCardinality(String),
    service         String CODEC(ZSTD(1)),
    ingress         String CODEC(ZSTD(1)),
    first_hour      DateTime('UTC') CODEC(ZSTD(1)),
    last_hour       DateTime('UTC') CODEC(ZSTD(1)),
    first_run_ms    UInt32 CODEC(ZSTD(1)),
    last_run_ms     UInt32 CODEC(ZSTD(1)),
    run_ms          UInt64 CODEC(ZSTD(1)),
    cost            Decimal(38, 12) CODEC(ZSTD(1)),
    cost_adjustment Decimal(38, 12) CODEC(ZSTD(1)),
    withdrawn       Bool,
    version         UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, namespace, service, ingress)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Of a node two things: what it was (its row of node_hours; no hours where nobody told of it), and what ran on it (container_hours,
-- idle included; no hours where nothing did).
CREATE TABLE IF NOT EXISTS node_days
(
    tenant                    UUID,
    cluster                   UUID,
    day                       Date,
    node                      LowCardinality(String),
    first_hour                DateTime('UTC') CODEC(ZSTD(1)),
    last_hour                 DateTime('UTC') CODEC(ZSTD(1)),
    first_covered_ms          UInt32 CODEC(ZSTD(1)),
    last_covered_ms           UInt32 CODEC(ZSTD(1)),
    -- each the latest of the day that is not empty
    provider_id               String CODEC(ZSTD(1)),
    instance_type             LowCardinality(String),
    region                    LowCardinality(String),
    zone                      LowCardinality(String),
    labels                    Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    covered_ms                UInt64 CODEC(ZSTD(1)),
    spot_ms                   UInt64 CODEC(ZSTD(1)),
    cpu_capacity_core_seconds Decimal(38, 6) CODEC(ZSTD(1)),
    ram_capacity_byte_seconds Int128 CODEC(ZSTD(1)),
    gpu_capacity_seconds      Decimal(38, 6) CODEC(ZSTD(1)),
    -- of CPU and RAM: as it was priced, and what that would have been without its discount
    priced_cost               Decimal(38, 12) CODEC(ZSTD(1)),
    undiscounted_cost         Decimal(38, 12) CODEC(ZSTD(1)),
    cost_adjustment           Decimal(38, 12) CODEC(ZSTD(1)),
    first_used_hour           DateTime('UTC') CODEC(ZSTD(1)),
    last_used_hour            DateTime('UTC') CODEC(ZSTD(1)),
    cpu_cost                  Decimal(38, 12) CODEC(ZSTD(1)),
    ram_cost                  Decimal(38, 12) CODEC(ZSTD(1)),
    gpu_cost                  Decimal(38, 12) CODEC(ZSTD(1)),
    network_cost              Decimal(38, 12) CODEC(ZSTD(1)),
    network_cost_adjustment   Decimal(38, 12) CODEC(ZSTD(1)),
    external_cost             Decimal(38, 12) CODEC(ZSTD(1)),
    -- of costs that a source states by the container
    stated_adjustment         Decimal(38, 12) CODEC(ZSTD(1)),
    cpu_system_core_seconds   Decimal(38, 6) CODEC(ZSTD(1)),
    cpu_user_core_seconds     Decimal(38, 6) CODEC(ZSTD(1)),
    ram_system_byte_seconds   Int128 CODEC(ZSTD(1)),
    ram_user_byte_seconds     Int128 CODEC(ZSTD(1)),
    withdrawn                 Bool,
    version                   UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, node)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Which sums a day has (core/sums.ts): 0 is workloads alone, as all days have that were summed up before. They stay what they are,
-- and get the others; until then they are read from their hours.
ALTER TABLE day_grains ADD COLUMN IF NOT EXISTS sums UInt8 CODEC(ZSTD(1)) AFTER hours_version;
