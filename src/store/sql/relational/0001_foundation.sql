-- Who may do what, and at which price. Small tables: everything that grows with usage lives in the columnar store.
-- Statements end with a `;` at the end of a line: the migrator splits there, because PGlite takes one statement at a time.

CREATE TABLE tenants
(
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 253),
    created_at timestamptz NOT NULL
);

CREATE TABLE clusters
(
    id           uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL REFERENCES tenants (id),
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 253),
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz,
    UNIQUE (tenant_id, name),
    -- lets other tables refer to "a cluster of this very tenant"
    UNIQUE (tenant_id, id)
);

-- A key's secret is never here: only a salted HMAC of it, whose key (the pepper) is not in this database.
CREATE TABLE api_keys
(
    key_id       uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL REFERENCES tenants (id),
    -- NULL: any cluster of the tenant
    cluster_id   uuid,
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 253),
    scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['ingest', 'read', 'admin', 'operator']),
    salt         bytea NOT NULL CHECK (octet_length(salt) = 16),
    secret_hash  bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    rotated_from uuid REFERENCES api_keys (key_id),
    -- coarse: at most one write per key and hour
    last_used_at timestamptz,
    FOREIGN KEY (tenant_id, cluster_id) REFERENCES clusters (tenant_id, id)
);

CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id, created_at);

-- Effective-dated and never changed: a correction is a newer version of the same hour, so that a ledger row can always
-- name the version it was computed with. tenant_id NULL: every tenant; cluster_id NULL: every cluster of the tenant.
CREATE TABLE price_versions
(
    id                 uuid PRIMARY KEY,
    -- order of arrival: of two versions of one scope and hour the later one counts
    seq                bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    tenant_id          uuid REFERENCES tenants (id),
    cluster_id         uuid,
    effective_from     timestamptz NOT NULL CHECK (date_trunc('hour', effective_from, 'UTC') = effective_from),
    currency           text NOT NULL CHECK (currency = 'USD'),
    cpu_core_hour      numeric(18, 12) NOT NULL CHECK (cpu_core_hour >= 0),
    ram_gib_hour       numeric(18, 12) NOT NULL CHECK (ram_gib_hour >= 0),
    gpu_hour           numeric(18, 12) NOT NULL CHECK (gpu_hour >= 0),
    spot_cpu_core_hour numeric(18, 12) NOT NULL CHECK (spot_cpu_core_hour >= 0),
    spot_ram_gib_hour  numeric(18, 12) NOT NULL CHECK (spot_ram_gib_hour >= 0),
    storage_gib_hour   numeric(18, 12) NOT NULL CHECK (storage_gib_hour >= 0),
    note               text NOT NULL DEFAULT '' CHECK (char_length(note) <= 1000),
    created_at         timestamptz NOT NULL,
    created_by         text NOT NULL,
    CHECK (cluster_id IS NULL OR tenant_id IS NOT NULL),
    FOREIGN KEY (tenant_id, cluster_id) REFERENCES clusters (tenant_id, id)
);

CREATE INDEX price_versions_by_scope ON price_versions (tenant_id, cluster_id, effective_from DESC, seq DESC);

-- The built-in book, OpenCost's defaults: there is a price for every hour that ever was.
INSERT INTO price_versions (id, effective_from, currency, cpu_core_hour, ram_gib_hour, gpu_hour, spot_cpu_core_hour,
    spot_ram_gib_hour, storage_gib_hour, note, created_at, created_by)
VALUES ('00000000-0000-4000-8000-000000000001', '1970-01-01T00:00:00Z', 'USD', 0.031611, 0.004237, 0.95, 0.006655,
    0.000892, 0.00005479452, 'Built-in default price book', '1970-01-01T00:00:00Z', 'kubetally');

-- See leases.ts for what a fence guarantees. Rows are never deleted: the fence must not start again.
CREATE TABLE leases
(
    name       text PRIMARY KEY,
    holder     text NOT NULL,
    fence      bigint NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE job_state
(
    name       text PRIMARY KEY,
    value      jsonb NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE audit_events
(
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    -- the key that acted, or a name such as `init` for what was done at the console
    actor     text NOT NULL,
    action    text NOT NULL,
    target    text NOT NULL,
    details   jsonb NOT NULL
);

CREATE INDEX audit_events_by_tenant ON audit_events (tenant_id, id DESC);
