-- What clusters pay for beside CPU, RAM and disks: GPUs, traffic by where it goes, what stands outside of the cluster, the fee
-- for managing it; and what of a cost its source corrected later. A correction is a part of the cost beside it, not more.
ALTER TABLE container_samples ADD COLUMN IF NOT EXISTS gpu_usage Nullable(Int64) CODEC(ZSTD(1)) AFTER memory_limit;
ALTER TABLE container_samples ADD COLUMN IF NOT EXISTS gpu_request Nullable(Int64) CODEC(ZSTD(1)) AFTER gpu_usage;
ALTER TABLE container_samples ADD COLUMN IF NOT EXISTS network_zone_sent Nullable(Int64) CODEC(ZSTD(1)) AFTER network_sent;
ALTER TABLE container_samples ADD COLUMN IF NOT EXISTS network_region_sent Nullable(Int64) CODEC(ZSTD(1)) AFTER network_zone_sent;
ALTER TABLE container_samples ADD COLUMN IF NOT EXISTS network_internet_sent Nullable(Int64) CODEC(ZSTD(1)) AFTER network_region_sent;
ALTER TABLE container_samples MODIFY COLUMN IF EXISTS digest UInt32 MATERIALIZED toUInt32(cityHash64(
    phase, ifNull(cpu_usage, -1), ifNull(cpu_request, -1), ifNull(cpu_limit, -1), ifNull(memory_usage, -1), ifNull(memory_request, -1),
    ifNull(memory_limit, -1), ifNull(network_received, -1), ifNull(network_sent, -1), ifNull(toUnixTimestamp64Milli(started_at), -1),
    ifNull(toUnixTimestamp64Milli(ended_at), -1), controller_kind, controller, labels, annotations, ifNull(gpu_usage, -1), ifNull(gpu_request, -1),
    ifNull(network_zone_sent, -1), ifNull(network_region_sent, -1), ifNull(network_internet_sent, -1)));

ALTER TABLE node_samples ADD COLUMN IF NOT EXISTS gpu_capacity Nullable(Int64) CODEC(ZSTD(1)) AFTER memory_capacity;
ALTER TABLE node_samples MODIFY COLUMN IF EXISTS digest UInt32 MATERIALIZED toUInt32(cityHash64(
    provider_id, instance_type, region, zone, spot, ifNull(cpu_capacity, -1), ifNull(memory_capacity, -1), ifNull(hourly_cost, -1), labels,
    ifNull(gpu_capacity, -1)));

ALTER TABLE container_hours
    ADD COLUMN IF NOT EXISTS gpu_seconds Decimal(18, 6) CODEC(ZSTD(1)) AFTER ram_request_byte_seconds,
    ADD COLUMN IF NOT EXISTS gpu_usage_seconds Decimal(18, 6) CODEC(ZSTD(1)) AFTER gpu_seconds,
    ADD COLUMN IF NOT EXISTS gpu_request_seconds Decimal(18, 6) CODEC(ZSTD(1)) AFTER gpu_usage_seconds,
    ADD COLUMN IF NOT EXISTS network_zone_bytes UInt64 CODEC(ZSTD(1)) AFTER network_sent_bytes,
    ADD COLUMN IF NOT EXISTS network_region_bytes UInt64 CODEC(ZSTD(1)) AFTER network_zone_bytes,
    ADD COLUMN IF NOT EXISTS network_internet_bytes UInt64 CODEC(ZSTD(1)) AFTER network_region_bytes,
    ADD COLUMN IF NOT EXISTS gpu_cost Decimal(18, 12) CODEC(ZSTD(1)) AFTER ram_cost,
    ADD COLUMN IF NOT EXISTS network_cross_zone_cost Decimal(18, 12) CODEC(ZSTD(1)) AFTER gpu_cost,
    ADD COLUMN IF NOT EXISTS network_cross_region_cost Decimal(18, 12) CODEC(ZSTD(1)) AFTER network_cross_zone_cost,
    ADD COLUMN IF NOT EXISTS network_internet_cost Decimal(18, 12) CODEC(ZSTD(1)) AFTER network_cross_region_cost,
    ADD COLUMN IF NOT EXISTS external_cost Decimal(18, 12) CODEC(ZSTD(1)) AFTER network_internet_cost,
    ADD COLUMN IF NOT EXISTS cpu_cost_adjustment Decimal(18, 12) CODEC(ZSTD(1)) AFTER external_cost,
    ADD COLUMN IF NOT EXISTS ram_cost_adjustment Decimal(18, 12) CODEC(ZSTD(1)) AFTER cpu_cost_adjustment,
    ADD COLUMN IF NOT EXISTS gpu_cost_adjustment Decimal(18, 12) CODEC(ZSTD(1)) AFTER ram_cost_adjustment,
    ADD COLUMN IF NOT EXISTS network_cost_adjustment Decimal(18, 12) CODEC(ZSTD(1)) AFTER gpu_cost_adjustment;

-- Days that were summed before hold nothing of these, as their hours do: they stay as good as they are.
ALTER TABLE workload_days
    ADD COLUMN IF NOT EXISTS gpu_seconds Decimal(38, 6) CODEC(ZSTD(1)) AFTER ram_request_byte_seconds,
    ADD COLUMN IF NOT EXISTS gpu_usage_seconds Decimal(38, 6) CODEC(ZSTD(1)) AFTER gpu_seconds,
    ADD COLUMN IF NOT EXISTS gpu_request_seconds Decimal(38, 6) CODEC(ZSTD(1)) AFTER gpu_usage_seconds,
    ADD COLUMN IF NOT EXISTS gpu_cost Decimal(38, 12) CODEC(ZSTD(1)) AFTER ram_cost,
    ADD COLUMN IF NOT EXISTS network_cross_zone_cost Decimal(38, 12) CODEC(ZSTD(1)) AFTER gpu_cost,
    ADD COLUMN IF NOT EXISTS network_cross_region_cost Decimal(38, 12) CODEC(ZSTD(1)) AFTER network_cross_zone_cost,
    ADD COLUMN IF NOT EXISTS network_internet_cost Decimal(38, 12) CODEC(ZSTD(1)) AFTER network_cross_region_cost,
    ADD COLUMN IF NOT EXISTS external_cost Decimal(38, 12) CODEC(ZSTD(1)) AFTER network_internet_cost,
    ADD COLUMN IF NOT EXISTS cpu_cost_adjustment Decimal(38, 12) CODEC(ZSTD(1)) AFTER external_cost,
    ADD COLUMN IF NOT EXISTS ram_cost_adjustment Decimal(38, 12) CODEC(ZSTD(1)) AFTER cpu_cost_adjustment,
    ADD COLUMN IF NOT EXISTS gpu_cost_adjustment Decimal(38, 12) CODEC(ZSTD(1)) AFTER ram_cost_adjustment,
    ADD COLUMN IF NOT EXISTS network_cost_adjustment Decimal(38, 12) CODEC(ZSTD(1)) AFTER gpu_cost_adjustment;

ALTER TABLE node_hours
    ADD COLUMN IF NOT EXISTS gpu_capacity_seconds Decimal(18, 6) CODEC(ZSTD(1)) AFTER ram_capacity_byte_seconds,
    ADD COLUMN IF NOT EXISTS gpu_cost Decimal(18, 12) CODEC(ZSTD(1)) AFTER ram_cost,
    -- 0.3 is 30 % off: the costs beside it are after it
    ADD COLUMN IF NOT EXISTS discount Decimal(9, 8) CODEC(ZSTD(1)) AFTER gpu_cost,
    ADD COLUMN IF NOT EXISTS cost_adjustment Decimal(18, 12) CODEC(ZSTD(1)) AFTER discount;

ALTER TABLE volume_hours ADD COLUMN IF NOT EXISTS cost_adjustment Decimal(18, 12) CODEC(ZSTD(1)) AFTER cost;
ALTER TABLE balancer_hours ADD COLUMN IF NOT EXISTS cost_adjustment Decimal(18, 12) CODEC(ZSTD(1)) AFTER cost;
-- What managing the cluster costs over the covered time. `management_basis`: 'reported' by a source, or 'book'.
ALTER TABLE cluster_hours
    ADD COLUMN IF NOT EXISTS management_cost Decimal(18, 12) AFTER nodes,
    ADD COLUMN IF NOT EXISTS management_basis LowCardinality(String) AFTER management_cost;
