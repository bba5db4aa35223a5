-- whether an invitee may answer it now: what an inbox shows
ALTER TABLE inv_invitation ADD COLUMN answerable BOOLEAN NOT NULL DEFAULT FALSE;

-- `address` is a recipient's index key from here on: an address, or a person's id behind a line break
CREATE INDEX inv_invitation_answerable ON inv_invitation (tenant, created_at, seq) WHERE answerable;

-- the key under which the effect makes a meeting; kept for good
ALTER TABLE inv_effect ADD COLUMN meeting_key TEXT;
CREATE INDEX inv_effect_meeting_key ON inv_effect (meeting_key) WHERE meeting_key IS NOT NULL;
