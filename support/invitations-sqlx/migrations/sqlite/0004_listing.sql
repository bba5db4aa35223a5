-- whether an invitee may answer it now: what an inbox shows
ALTER TABLE inv_invitation ADD COLUMN answerable BOOLEAN NOT NULL DEFAULT FALSE;

-- `address` is a recipient's index key from here on: an address, or a person's id behind a line break
CREATE INDEX inv_invitation_answerable ON inv_invitation (tenant, created_at, seq) WHERE answerable;

-- every key under which a meeting was ever planned
CREATE TABLE inv_key (
    meeting_key TEXT NOT NULL,
    invitation BIGINT NOT NULL REFERENCES inv_invitation (seq),
    PRIMARY KEY (meeting_key, invitation)
);
CREATE INDEX inv_key_invitation ON inv_key (invitation);
