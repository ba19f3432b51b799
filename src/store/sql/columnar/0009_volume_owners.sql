-- Whose a volume's part is, beside the pod that mounted it: what the hour's containers tell of that pod, so that volumes can be
-- asked about by whatever pods can. Hours that were written before have none of it until they are computed again.
ALTER TABLE volume_hours
    ADD COLUMN IF NOT EXISTS node LowCardinality(String) CODEC(ZSTD(1)) AFTER pod,
    -- '' where the pod has several
    ADD COLUMN IF NOT EXISTS container LowCardinality(String) CODEC(ZSTD(1)) AFTER node,
    ADD COLUMN IF NOT EXISTS controller_kind LowCardinality(String) CODEC(ZSTD(1)) AFTER container,
    ADD COLUMN IF NOT EXISTS controller LowCardinality(String) CODEC(ZSTD(1)) AFTER controller_kind,
    ADD COLUMN IF NOT EXISTS labels Map(LowCardinality(String), String) CODEC(ZSTD(1)) AFTER controller,
    ADD COLUMN IF NOT EXISTS annotations Map(LowCardinality(String), String) CODEC(ZSTD(1)) AFTER labels;
