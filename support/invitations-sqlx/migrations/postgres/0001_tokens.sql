-- Times are microseconds since 1970-01-01 UTC. JSON carries its version (`v`) and is additive only.
-- COLLATE "C": ids are in the order of their bytes and equal to nothing but themselves, whatever the database's language is; and an
-- upgrade of the operating system's collations leaves the indexes as they are.

CREATE TABLE inv_meta (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
-- programs that write an older form than this are refused
INSERT INTO inv_meta (name, value) VALUES ('min_writer', 1);

CREATE TABLE inv_connection (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    refresh_at BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    lease_owner TEXT COLLATE "C",
    lease_until BIGINT,
    connection TEXT COLLATE "C" NOT NULL
);
CREATE INDEX inv_connection_tenant ON inv_connection (tenant, id);
CREATE INDEX inv_connection_due ON inv_connection (refresh_at, id)
    WHERE status IN ('valid', 'disconnecting') AND refresh_at IS NOT NULL;

CREATE TABLE inv_flow (
    state_digest BYTEA NOT NULL PRIMARY KEY,
    until_at BIGINT NOT NULL,
    flow TEXT COLLATE "C" NOT NULL
);
CREATE INDEX inv_flow_until ON inv_flow (until_at);

CREATE TABLE inv_client (
    client TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    health TEXT COLLATE "C" NOT NULL
);
