-- A cluster as its own operator calls it, most often by a UUID that is not ours. Two clusters of a tenant never share one.
ALTER TABLE clusters ADD COLUMN external_id text CHECK (char_length(external_id) BETWEEN 1 AND 253);

CREATE UNIQUE INDEX clusters_by_external_id ON clusters (tenant_id, external_id);

-- What became of each file of each upload, by the uuid of its manifest, which the archives of one report share.
CREATE TABLE upload_files
(
    tenant_id     uuid NOT NULL REFERENCES tenants (id),
    cluster_id    uuid NOT NULL,
    manifest_uuid uuid NOT NULL,
    name          text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    -- NULL: not known, as with a file that has not come
    kind          text,
    status        text NOT NULL CHECK (status IN ('taken', 'skipped', 'refused', 'missing')),
    rows_taken    bigint NOT NULL CHECK (rows_taken >= 0),
    rows_refused  bigint NOT NULL CHECK (rows_refused >= 0),
    reason        text,
    -- the first refused rows
    refused       jsonb NOT NULL,
    -- SHA-256 of its bytes; NULL while it is missing
    digest        bytea CHECK (octet_length(digest) = 32),
    received_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, manifest_uuid, cluster_id, name),
    FOREIGN KEY (tenant_id, cluster_id) REFERENCES clusters (tenant_id, id)
);

CREATE INDEX upload_files_by_age ON upload_files (tenant_id, received_at);

-- What an archive that lacks files of its manifest says of nodes and namespaces, until its siblings have come.
CREATE TABLE upload_parts
(
    tenant_id     uuid NOT NULL REFERENCES tenants (id),
    cluster_id    uuid NOT NULL,
    manifest_uuid uuid NOT NULL,
    digest        bytea NOT NULL CHECK (octet_length(digest) = 32),
    files         text[] NOT NULL,
    part          bytea NOT NULL,
    received_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, manifest_uuid, cluster_id, digest),
    FOREIGN KEY (tenant_id, cluster_id) REFERENCES clusters (tenant_id, id)
);

CREATE INDEX upload_parts_by_age ON upload_parts (tenant_id, received_at);
