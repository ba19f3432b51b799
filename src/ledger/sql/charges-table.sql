-- The usage of one hour and what it costs (charges.sql): a scratch table, for the same reason.
CREATE TABLE {charges:Identifier}
(
{{columns}},
    -- whether it takes from what its node cost, and from the node's GPUs
    on_known_node      Bool,
    on_gpu_node        Bool,
    stated             Bool,
    cpu_cost_pico      Int128,
    ram_cost_pico      Int128,
    gpu_cost_pico      Int128,
    zone_cost_pico     Int128,
    region_cost_pico   Int128,
    internet_cost_pico Int128
)
ENGINE = Memory
