-- Times are microseconds since 1970-01-01 UTC. JSON carries its version (`v`) and is additive only.

CREATE TABLE inv_binding (
    id TEXT NOT NULL PRIMARY KEY,
    sync_cursor TEXT,
    last_synced_at BIGINT,
    dirty BOOLEAN NOT NULL DEFAULT FALSE,
    lease_until BIGINT,
    lease_owner TEXT,
    fence BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX inv_binding_dirty ON inv_binding (id) WHERE dirty;

CREATE TABLE inv_mapping (
    binding TEXT NOT NULL,
    source TEXT NOT NULL,
    slot BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (binding, source, slot)
);
