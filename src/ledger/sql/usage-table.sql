-- The usage of one hour of one cluster, from which it is priced: a scratch table. What is picked from it costs nothing to
-- plan, while each column picked from the query that fills it costs milliseconds an hour, however small the hour is.
-- In the order of usage-*.sql: core-microseconds, byte-seconds, GPU-microseconds, milliseconds, bytes, pico-dollars.
CREATE TABLE {usage:Identifier}
(
    namespace               LowCardinality(String),
    pod                     String,
    pod_uid                 String,
    container               LowCardinality(String),
    node                    LowCardinality(String),
    controller_kind         LowCardinality(String),
    controller              LowCardinality(String),
    labels                  Map(LowCardinality(String), String),
    annotations             Map(LowCardinality(String), String),
    run_ms                  Int64,
    ucs                     Int128,
    bs                      Int128,
    usage_ucs               Int128,
    usage_bs                Int128,
    request_ucs             Int128,
    request_bs              Int128,
    cpu_max                 Int64,
    ram_max                 Int64,
    received                Int64,
    sent                    Int64,
    gpu_us                  Int128,
    gpu_usage_us            Int128,
    gpu_request_us          Int128,
    zone_bytes              Int64,
    region_bytes            Int64,
    internet_bytes          Int64,
    stated_cpu_pico         Nullable(Int128),
    stated_ram_pico         Nullable(Int128),
    stated_gpu_pico         Nullable(Int128),
    stated_zone_pico        Nullable(Int128),
    stated_region_pico      Nullable(Int128),
    stated_internet_pico    Nullable(Int128),
    external_pico           Int128,
    cpu_adjustment_pico     Int128,
    ram_adjustment_pico     Int128,
    gpu_adjustment_pico     Int128,
    network_adjustment_pico Int128
)
ENGINE = Memory
