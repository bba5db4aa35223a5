-- Times are microseconds since 1970-01-01 UTC. JSON carries its version (`v`) and is additive only.

CREATE TABLE inv_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
-- programs that write an older form than this are refused
INSERT INTO inv_meta (name, value) VALUES ('min_writer', 1);

CREATE TABLE inv_invitation (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deadline BIGINT,
    lease_until BIGINT,
    state TEXT NOT NULL,
    UNIQUE (tenant, id)
);
CREATE INDEX inv_invitation_newest ON inv_invitation (tenant, created_at, seq);
CREATE INDEX inv_invitation_deadline ON inv_invitation (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX inv_invitation_lease ON inv_invitation (lease_until) WHERE lease_until IS NOT NULL;

CREATE TABLE inv_event (
    invitation BIGINT NOT NULL REFERENCES inv_invitation (seq),
    version BIGINT NOT NULL,
    position BIGINT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (invitation, version, position)
);

CREATE TABLE inv_recipient (
    invitation BIGINT NOT NULL REFERENCES inv_invitation (seq),
    address TEXT NOT NULL,
    PRIMARY KEY (invitation, address)
);
CREATE INDEX inv_recipient_address ON inv_recipient (address, invitation);

-- names that one invitation of an organisation holds at a time
CREATE TABLE inv_hold (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    invitation BIGINT NOT NULL REFERENCES inv_invitation (seq),
    PRIMARY KEY (tenant, name)
);
CREATE INDEX inv_hold_invitation ON inv_hold (invitation);

-- a row stays when its effect is no longer due, so that its fence never starts anew
CREATE TABLE inv_effect (
    invitation BIGINT NOT NULL REFERENCES inv_invitation (seq),
    effect TEXT NOT NULL,
    due_at BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT,
    PRIMARY KEY (invitation, effect)
);
CREATE INDEX inv_effect_due ON inv_effect (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX inv_effect_lease ON inv_effect (lease_until) WHERE lease_until IS NOT NULL;

CREATE TABLE inv_link (
    selector BLOB NOT NULL PRIMARY KEY,
    invitation BIGINT NOT NULL REFERENCES inv_invitation (seq),
    dead BOOLEAN NOT NULL,
    link TEXT NOT NULL
);
CREATE INDEX inv_link_invitation ON inv_link (invitation);

-- a delivered row stays without its payload, so that its dedupe value stays taken
CREATE TABLE inv_outbox (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    invitation BIGINT NOT NULL REFERENCES inv_invitation (seq),
    dedupe TEXT NOT NULL,
    payload BLOB,
    attempt BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT,
    UNIQUE (invitation, dedupe)
);
CREATE INDEX inv_outbox_due ON inv_outbox (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX inv_outbox_lease ON inv_outbox (lease_until) WHERE lease_until IS NOT NULL;

CREATE TABLE inv_member (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    principal TEXT NOT NULL,
    invitation TEXT NOT NULL,
    role TEXT NOT NULL,
    UNIQUE (tenant, principal, invitation)
);
