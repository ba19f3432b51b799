-- Annotations of pods, from sources that know them, on their way from the sample to the hour.
ALTER TABLE container_samples ADD COLUMN IF NOT EXISTS annotations String CODEC(ZSTD(1)) AFTER labels;
ALTER TABLE container_samples MODIFY COLUMN IF EXISTS digest UInt32 MATERIALIZED toUInt32(cityHash64(
    phase, ifNull(cpu_usage, -1), ifNull(cpu_request, -1), ifNull(cpu_limit, -1), ifNull(memory_usage, -1), ifNull(memory_request, -1),
    ifNull(memory_limit, -1), ifNull(network_received, -1), ifNull(network_sent, -1), ifNull(toUnixTimestamp64Milli(started_at), -1),
    ifNull(toUnixTimestamp64Milli(ended_at), -1), controller_kind, controller, labels, annotations));
ALTER TABLE container_hours ADD COLUMN IF NOT EXISTS annotations Map(LowCardinality(String), String) CODEC(ZSTD(1)) AFTER labels;
