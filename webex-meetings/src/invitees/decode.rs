use bytes::Bytes;
use http::Response;
use invitations_core::Result;

use crate::{
    errors::Asked,
    wire::{WireInvitee, items},
};

/// One page of invitees.
pub(super) fn page(asked: &Asked, reply: &Response<Bytes>) -> Result<Vec<WireInvitee>> {
    Ok(items(asked, reply)?.iter().map(WireInvitee::read).collect())
}
