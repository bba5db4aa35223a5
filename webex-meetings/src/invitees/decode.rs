use bytes::Bytes;
use http::Response;
use invitations_core::Result;

use super::Invitee;
use crate::{
    errors::Asked,
    wire::{items, object},
};

/// One page of invitees.
pub(super) fn page(asked: &Asked, reply: &Response<Bytes>) -> Result<Vec<Invitee>> {
    Ok(items(asked, reply)?.iter().map(Invitee::read).collect())
}

/// One invitee.
pub(super) fn invitee(asked: &Asked, reply: &Response<Bytes>) -> Result<Invitee> {
    object(asked, reply).map(|value| Invitee::read(&value))
}
