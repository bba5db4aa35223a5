use bytes::Bytes;
use http::Response;
use invitations_core::Result;

use super::Invitee;
use crate::{
    errors::Asked,
    wire::{ErrorBody, items, object},
};

/// Whether a refusal says that the address is invited already ("User is already a meeting invitee."). Any other conflict of
/// `POST /meetingInvitees` proves nothing about anybody.
pub(super) fn says_invited(reply: &Response<Bytes>) -> bool {
    ErrorBody::read(reply.body()).says(&["already", "invitee"])
}

/// Whether a refusal of many says that some of them are ("Some users in the list have been invited.").
pub(super) fn says_some_invited(reply: &Response<Bytes>) -> bool {
    let body = ErrorBody::read(reply.body());
    body.says(&["have been invited"]) || body.says(&["already", "invitee"])
}

/// One page of invitees.
pub(super) fn page(asked: &Asked, reply: &Response<Bytes>) -> Result<Vec<Invitee>> {
    Ok(items(asked, reply)?.iter().map(Invitee::read).collect())
}

/// One invitee.
pub(super) fn invitee(asked: &Asked, reply: &Response<Bytes>) -> Result<Invitee> {
    object(asked, reply).map(|value| Invitee::read(&value))
}
