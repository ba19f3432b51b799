-- The ledger: one priced hour of one container (or pod, where the source knows no containers) on one node.
--
-- An hour is replaced by writing it again under a greater `version`; keys that are gone are written once more as
-- `withdrawn`. One hour is one insert of one block, so a reader (always FINAL) sees the old hour or the new one, never half.
-- The day stands early in the key: parts of different days do not intersect, which keeps FINAL free on closed days, and the
-- hours of one pod stand together, which keeps names and labels at a fraction of a byte.
--
-- Money is Decimal(18, 12): pico-dollars. What no container was charged of a node is a row of its own
-- (`__idle__`, or `__overcommit__` where it is negative), so that the rows of a node always add up to its cost.
CREATE TABLE IF NOT EXISTS container_hours
(
    tenant                   UUID,
    cluster                  UUID,
    day                      Date,
    namespace                LowCardinality(String),
    pod                      String CODEC(ZSTD(1)),
    pod_uid                  String CODEC(ZSTD(1)),
    container                LowCardinality(String),
    node                     LowCardinality(String),
    hour                     DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    controller_kind          LowCardinality(String),
    controller               LowCardinality(String),
    labels                   Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    run_ms                   UInt32 CODEC(ZSTD(1)),
    -- what the charge is for: the integral of max(request, usage)
    cpu_core_seconds         Decimal(18, 6) CODEC(ZSTD(1)),
    ram_byte_seconds         Int64 CODEC(ZSTD(1)),
    cpu_usage_core_seconds   Decimal(18, 6) CODEC(ZSTD(1)),
    ram_usage_byte_seconds   Int64 CODEC(ZSTD(1)),
    cpu_request_core_seconds Decimal(18, 6) CODEC(ZSTD(1)),
    ram_request_byte_seconds Int64 CODEC(ZSTD(1)),
    cpu_usage_max_millicores UInt32 CODEC(ZSTD(1)),
    ram_usage_max_bytes      UInt64 CODEC(ZSTD(1)),
    network_received_bytes   UInt64 CODEC(ZSTD(1)),
    network_sent_bytes       UInt64 CODEC(ZSTD(1)),
    cpu_cost                 Decimal(18, 12) CODEC(ZSTD(1)),
    ram_cost                 Decimal(18, 12) CODEC(ZSTD(1)),
    price_version            LowCardinality(String),
    source                   LowCardinality(String),
    withdrawn                Bool CODEC(ZSTD(1)),
    version                  UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, namespace, pod, pod_uid, container, node, hour)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What each node offered and cost in an hour. `price_basis`: 'reported' by its source, 'book', or 'unknown' where no
-- source told its size: then its containers are charged at book rates and no idle is claimed.
CREATE TABLE IF NOT EXISTS node_hours
(
    tenant                    UUID,
    cluster                   UUID,
    day                       Date,
    node                      LowCardinality(String),
    hour                      DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    provider_id               String CODEC(ZSTD(1)),
    instance_type             LowCardinality(String),
    region                    LowCardinality(String),
    zone                      LowCardinality(String),
    spot                      Bool,
    labels                    Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    covered_ms                UInt32 CODEC(ZSTD(1)),
    cpu_capacity_core_seconds Decimal(18, 6) CODEC(ZSTD(1)),
    ram_capacity_byte_seconds Int64 CODEC(ZSTD(1)),
    -- what the node's source said it costs over the covered time; 0 with another basis
    reported_cost             Decimal(18, 12) CODEC(ZSTD(1)),
    cpu_cost                  Decimal(18, 12) CODEC(ZSTD(1)),
    ram_cost                  Decimal(18, 12) CODEC(ZSTD(1)),
    price_basis               LowCardinality(String),
    price_version             LowCardinality(String),
    source                    LowCardinality(String),
    withdrawn                 Bool,
    version                   UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, node, hour)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- One row an hour and cluster, written last: the hour is in the ledger when this row is. It is the record of coverage, of
-- which source was counted and which others reported, and of what the rollup had seen (the engine's clock).
CREATE TABLE IF NOT EXISTS cluster_hours
(
    tenant        UUID,
    cluster       UUID,
    day           Date,
    hour          DateTime('UTC'),
    source        LowCardinality(String),
    covered_ms    UInt32,
    -- every source that reported the hour -> milliseconds it covered
    reported      Map(LowCardinality(String), UInt32),
    nodes         UInt32,
    price_version LowCardinality(String),
    seen_at       DateTime64(3, 'UTC'),
    computed_at   DateTime64(3, 'UTC'),
    version       UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, hour)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The ledger by workload and day, so that long windows stay fast. Derived from container_hours alone; a day row is as good
-- as its hours only while `day_grains` names their newest version.
CREATE TABLE IF NOT EXISTS workload_days
(
    tenant                   UUID,
    cluster                  UUID,
    day                      Date,
    namespace                LowCardinality(String),
    controller_kind          LowCardinality(String),
    controller               LowCardinality(String),
    labels                   Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    labels_digest            UInt64 CODEC(ZSTD(1)),
    cpu_core_seconds         Decimal(38, 6) CODEC(ZSTD(1)),
    ram_byte_seconds         Int128 CODEC(ZSTD(1)),
    cpu_usage_core_seconds   Decimal(38, 6) CODEC(ZSTD(1)),
    ram_usage_byte_seconds   Int128 CODEC(ZSTD(1)),
    cpu_request_core_seconds Decimal(38, 6) CODEC(ZSTD(1)),
    ram_request_byte_seconds Int128 CODEC(ZSTD(1)),
    cpu_cost                 Decimal(38, 12) CODEC(ZSTD(1)),
    ram_cost                 Decimal(38, 12) CODEC(ZSTD(1)),
    pods                     AggregateFunction(uniqExact, UInt64) CODEC(ZSTD(1)),
    withdrawn                Bool,
    version                  UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, namespace, controller_kind, controller, labels_digest)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS day_grains
(
    tenant       UUID,
    cluster      UUID,
    day          Date,
    hours_version UInt64,
    version      UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
