-- What namespaces say of themselves, and which services stand before their pods. One row a day and source: no container's hour
-- repeats it. Of what a source told of a day the latest stays, and of what it told at one instant the greater, whatever came first.
CREATE TABLE IF NOT EXISTS namespace_days
(
    tenant      UUID,
    cluster     UUID,
    day         Date DEFAULT toDate(at),
    namespace   LowCardinality(String),
    source      LowCardinality(String),
    at          DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    -- JSON objects with sorted keys
    labels      String CODEC(ZSTD(1)),
    annotations String CODEC(ZSTD(1)),
    version     UInt64 MATERIALIZED bitShiftLeft(toUInt64(toUnixTimestamp64Milli(at)), 20) + cityHash64(labels, annotations) % 1048576
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, namespace, source)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- A service stands before the pods of its namespace that have all labels of its selector; with an empty one, before none.
CREATE TABLE IF NOT EXISTS service_days
(
    tenant    UUID,
    cluster   UUID,
    day       Date DEFAULT toDate(at),
    namespace LowCardinality(String),
    service   String CODEC(ZSTD(1)),
    source    LowCardinality(String),
    at        DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    -- a JSON object with sorted keys
    selector  String CODEC(ZSTD(1)),
    version   UInt64 MATERIALIZED bitShiftLeft(toUInt64(toUnixTimestamp64Milli(at)), 20) + cityHash64(selector) % 1048576
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cluster, day, namespace, service, source)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
