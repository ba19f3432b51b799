-- The ledger by workload and hour: what a window reads of days that it does not hold whole, of today, and of days in other time zones than
-- UTC. Derived from container_hours alone, like workload_days; without pods, because a set of them an hour would be as large as the hour.
CREATE TABLE IF NOT EXISTS workload_hours
(
    tenant                    UUID,
    cluster                   UUID,
    day                       Date,
    hour                      DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    namespace                 LowCardinality(String),
    controller_kind           LowCardinality(String),
    controller                LowCardinality(String),
    labels                    Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    labels_digest             UInt64 CODEC(ZSTD(1)),
    cpu_core_seconds          Decimal(38, 6) CODEC(ZSTD(1)),
    ram_byte_seconds          Int128 CODEC(ZSTD(1)),
    cpu_usage_core_seconds    Decimal(38, 6) CODEC(ZSTD(1)),
    ram_usage_byte_seconds    Int128 CODEC(ZSTD(1)),
    cpu_request_core_seconds  Decimal(38, 6) CODEC(ZSTD(1)),
    ram_request_byte_seconds  Int128 CODEC(ZSTD(1)),
    gpu_seconds               Decimal(38, 6) CODEC(ZSTD(1)),
    gpu_usage_seconds         Decimal(38, 6) CODEC(ZSTD(1)),
    gpu_request_seconds       Decimal(38, 6) CODEC(ZSTD(1)),
    network_received_bytes    UInt64 CODEC(ZSTD(1)),
    network_sent_bytes        UInt64 CODEC(ZSTD(1)),
    cpu_cost                  Decimal(38, 12) CODEC(ZSTD(1)),
    ram_cost                  Decimal(38, 12) CODEC(ZSTD(1)),
    gpu_cost                  Decimal(38, 12) CODEC(ZSTD(1)),
    network_cross_zone_cost   Decimal(38, 12) CODEC(ZSTD(1)),
    network_cross_region_cost Decimal(38, 12) CODEC(ZSTD(1)),
    network_internet_cost     Decimal(38, 12) CODEC(ZSTD(1)),
    external_cost             Decimal(38, 12) CODEC(ZSTD(1)),
    cpu_cost_adjustment       Decimal(38, 12) CODEC(ZSTD(1)),
    ram_cost_adjustment       Decimal(38, 12) CODEC(ZSTD(1)),
    gpu_cost_adjustment       Decimal(38, 12) CODEC(ZSTD(1)),
    network_cost_adjustment   Decimal(38, 12) CODEC(ZSTD(1)),
    withdrawn                 Bool,
    version                   UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, hour, namespace, controller_kind, controller, labels_digest)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Which sums an hour has (core/sums.ts). It has none again whenever it is computed anew, because that writes another row.
ALTER TABLE cluster_hours ADD COLUMN IF NOT EXISTS sums UInt8 CODEC(ZSTD(1)) AFTER computed_at;
