-- What each source brought: rows taken and refused, counted in the process and added here at most once a minute, by every
-- replica. For people to look at; nothing is computed from it, so it refers to no other table and a count may be lost with
-- a process that is killed.
CREATE TABLE source_log
(
    tenant_id    uuid NOT NULL,
    cluster_id   uuid NOT NULL,
    source       text NOT NULL CHECK (char_length(source) BETWEEN 1 AND 63),
    first_at     timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    -- the newest instant that it told of, by the source's own clock
    newest_at    timestamptz,
    rows_taken   bigint NOT NULL CHECK (rows_taken >= 0),
    rows_refused bigint NOT NULL CHECK (rows_refused >= 0),
    -- the latest reasons: {"<reason>": {"count": 3, "last_at": <milliseconds>}}
    reasons      jsonb NOT NULL,
    PRIMARY KEY (tenant_id, cluster_id, source)
);
