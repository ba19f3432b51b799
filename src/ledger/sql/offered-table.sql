-- What every node of one hour offered (nodes-from-*.sql): a scratch table, so that pricing it (price-nodes.sql) is planned by itself. Of a
-- small cluster planning is most, and one statement that does both takes twice as long.
CREATE TABLE {offered:Identifier}
(
    -- milliseconds, core-microseconds, byte-seconds, GPU-microseconds, pico-dollars
    node          LowCardinality(String),
    provider_id   String,
    instance_type LowCardinality(String),
    region        LowCardinality(String),
    zone          LowCardinality(String),
    spot          Bool,
    labels        Map(LowCardinality(String), String),
    covered_ms    Int64,
    capacity_ucs  Int128,
    capacity_bs   Int128,
    gpu_us        Int128,
    reported      Bool,
    reported_pico Int128
)
ENGINE = Memory AS
{{hour_ms}}
{{offered}}
