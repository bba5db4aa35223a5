-- An inbox is read from its recipients, newest first and no further than its page; so they carry what it is filtered and sorted by.
-- The triggers keep that true, whoever writes.
ALTER TABLE inv_recipient ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE inv_recipient ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE inv_recipient ADD COLUMN answerable BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE inv_recipient SET (tenant, created_at, answerable) =
    (SELECT i.tenant, i.created_at, i.answerable FROM inv_invitation i WHERE i.seq = invitation);

CREATE TRIGGER inv_recipient_added AFTER INSERT ON inv_recipient BEGIN
    UPDATE inv_recipient SET (tenant, created_at, answerable) =
        (SELECT i.tenant, i.created_at, i.answerable FROM inv_invitation i WHERE i.seq = NEW.invitation)
    WHERE invitation = NEW.invitation AND address = NEW.address;
END;
CREATE TRIGGER inv_recipient_changed AFTER UPDATE OF created_at, answerable ON inv_invitation
WHEN OLD.created_at <> NEW.created_at OR OLD.answerable <> NEW.answerable BEGIN
    UPDATE inv_recipient SET created_at = NEW.created_at, answerable = NEW.answerable WHERE invitation = NEW.seq;
END;

DROP INDEX inv_recipient_address;
CREATE INDEX inv_recipient_newest ON inv_recipient (tenant, address, created_at, invitation);
CREATE INDEX inv_recipient_answerable ON inv_recipient (tenant, address, created_at, invitation) WHERE answerable;

-- a status that few have is found without reading the many others; not by the organisation first, or SQLite would take this index
-- also where nobody asks for a status
CREATE INDEX inv_invitation_status ON inv_invitation (status, tenant, created_at, seq);
