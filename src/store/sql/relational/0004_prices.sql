-- Everything that is paid for has a rate. What an earlier version does not name is as the built-in book has it, but for a
-- tenant's GPUs: its spot nodes pay what it asks for any.
ALTER TABLE price_versions
    ADD COLUMN spot_gpu_hour        numeric(18, 12) NOT NULL DEFAULT 0.308 CHECK (spot_gpu_hour >= 0),
    ADD COLUMN balancer_hour        numeric(18, 12) NOT NULL DEFAULT 0.0225 CHECK (balancer_hour >= 0),
    ADD COLUMN network_zone_gib     numeric(18, 12) NOT NULL DEFAULT 0.01 CHECK (network_zone_gib >= 0),
    ADD COLUMN network_region_gib   numeric(18, 12) NOT NULL DEFAULT 0.01 CHECK (network_region_gib >= 0),
    ADD COLUMN network_internet_gib numeric(18, 12) NOT NULL DEFAULT 0.12 CHECK (network_internet_gib >= 0),
    ADD COLUMN management_hour      numeric(18, 12) NOT NULL DEFAULT 0 CHECK (management_hour >= 0),
    -- which book the version began with: its name says where the rates come from that nobody set
    ADD COLUMN base                 text NOT NULL DEFAULT 'default',
    -- storage class -> rate, and the rules in their order, as core/price-rules.ts has them; amounts are decimal text
    ADD COLUMN storage_classes      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(storage_classes) = 'object'),
    ADD COLUMN rules                jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(rules) = 'array');

UPDATE price_versions SET spot_gpu_hour = gpu_hour WHERE tenant_id IS NOT NULL;

-- What one US dollar is in another currency from a day (UTC) on, as the tenant has it.
CREATE TABLE exchange_rates
(
    tenant_id    uuid NOT NULL REFERENCES tenants (id),
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$' AND currency <> 'USD'),
    effective_on date NOT NULL,
    per_usd      numeric(18, 9) NOT NULL CHECK (per_usd > 0),
    created_at   timestamptz NOT NULL,
    created_by   text NOT NULL,
    PRIMARY KEY (tenant_id, currency, effective_on)
);
