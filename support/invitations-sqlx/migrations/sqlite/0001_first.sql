-- Times are microseconds since 1970, UTC. Bodies are versioned JSON. Secrets are sealed before they come here.
CREATE TABLE IF NOT EXISTS inv_invitation (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    deadline INTEGER,
    deadline_lease_until INTEGER,
    UNIQUE (tenant, id)
);
CREATE INDEX IF NOT EXISTS inv_invitation_deadline ON inv_invitation (deadline) WHERE deadline IS NOT NULL;
CREATE TABLE IF NOT EXISTS inv_recipient (
    tenant TEXT NOT NULL, invitation TEXT NOT NULL, address TEXT NOT NULL,
    PRIMARY KEY (tenant, address, invitation)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inv_event (
    tenant TEXT NOT NULL, invitation TEXT NOT NULL, place INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (tenant, invitation, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inv_effect (
    tenant TEXT NOT NULL, invitation TEXT NOT NULL, effect TEXT NOT NULL,
    due_at INTEGER, lease_until INTEGER, lease_owner TEXT, fence INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, invitation, effect)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inv_effect_due ON inv_effect (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS inv_hold (
    tenant TEXT NOT NULL, name TEXT NOT NULL, invitation TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inv_hold_invitation ON inv_hold (tenant, invitation);
CREATE TABLE IF NOT EXISTS inv_link (
    selector BLOB PRIMARY KEY, tenant TEXT NOT NULL, invitation TEXT NOT NULL, dead INTEGER NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inv_link_invitation ON inv_link (tenant, invitation);
CREATE TABLE IF NOT EXISTS inv_outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL, invitation TEXT NOT NULL, dedupe TEXT NOT NULL,
    payload BLOB, due_at INTEGER, attempt INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER, fence INTEGER NOT NULL DEFAULT 0,
    UNIQUE (tenant, invitation, dedupe)
);
CREATE INDEX IF NOT EXISTS inv_outbox_due ON inv_outbox (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS inv_member (
    tenant TEXT NOT NULL, principal TEXT NOT NULL, role TEXT NOT NULL, invitation TEXT NOT NULL,
    PRIMARY KEY (tenant, principal, role)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inv_connection (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, body TEXT NOT NULL,
    epoch INTEGER NOT NULL, generation INTEGER NOT NULL, valid INTEGER NOT NULL, refresh_at INTEGER,
    lease_until INTEGER, lease_owner TEXT, fence INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inv_connection_tenant ON inv_connection (tenant, id);
CREATE INDEX IF NOT EXISTS inv_connection_due ON inv_connection (refresh_at) WHERE valid = 1;
CREATE TABLE IF NOT EXISTS inv_flow (digest BLOB PRIMARY KEY, until INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inv_client (client TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inv_binding (
    id TEXT PRIMARY KEY, sync_cursor TEXT, last_synced_at INTEGER, dirty INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER, lease_owner TEXT, fence INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inv_mapping (
    binding TEXT NOT NULL, source TEXT NOT NULL, slot INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (binding, source, slot)
) WITHOUT ROWID;
