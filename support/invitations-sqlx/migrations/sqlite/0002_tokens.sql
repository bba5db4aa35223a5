-- Times are microseconds since 1970-01-01 UTC. JSON carries its version (`v`) and is additive only.

CREATE TABLE inv_connection (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    status TEXT NOT NULL,
    refresh_at BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until BIGINT,
    connection TEXT NOT NULL
);
CREATE INDEX inv_connection_tenant ON inv_connection (tenant, id);
CREATE INDEX inv_connection_refresh ON inv_connection (refresh_at) WHERE status = 'valid' AND refresh_at IS NOT NULL;

CREATE TABLE inv_flow (
    state_digest BLOB NOT NULL PRIMARY KEY,
    until_at BIGINT NOT NULL,
    flow TEXT NOT NULL
);
CREATE INDEX inv_flow_until ON inv_flow (until_at);

CREATE TABLE inv_client (
    client TEXT NOT NULL PRIMARY KEY,
    health TEXT NOT NULL
);
