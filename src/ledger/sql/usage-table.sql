-- The usage of one hour of one cluster, from which it is priced: a scratch table. What is picked from it costs nothing to
-- plan, while each column picked from the query that fills it costs milliseconds an hour, however small the hour is.
-- In the order of usage-*.sql: core-microseconds, byte-seconds, milliseconds, bytes, pico-dollars.
CREATE TABLE {usage:Identifier}
(
    namespace       LowCardinality(String),
    pod             String,
    pod_uid         String,
    container       LowCardinality(String),
    node            LowCardinality(String),
    controller_kind LowCardinality(String),
    controller      LowCardinality(String),
    labels          Map(LowCardinality(String), String),
    annotations     Map(LowCardinality(String), String),
    run_ms          Int64,
    ucs             Int128,
    bs              Int128,
    usage_ucs       Int128,
    usage_bs        Int128,
    request_ucs     Int128,
    request_bs      Int128,
    cpu_max         Int64,
    ram_max         Int64,
    received        Int64,
    sent            Int64,
    stated_cpu_pico Nullable(Int128),
    stated_ram_pico Nullable(Int128)
)
ENGINE = Memory
