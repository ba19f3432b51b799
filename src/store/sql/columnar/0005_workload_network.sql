-- Bytes that workloads moved, by day. Days that were summed before have none of them: they are summed again from their hours,
-- and until then read from these.
ALTER TABLE workload_days ADD COLUMN IF NOT EXISTS network_received_bytes UInt64 CODEC(ZSTD(1)) AFTER ram_request_byte_seconds;
ALTER TABLE workload_days ADD COLUMN IF NOT EXISTS network_sent_bytes UInt64 CODEC(ZSTD(1)) AFTER network_received_bytes;
TRUNCATE TABLE IF EXISTS day_grains;
