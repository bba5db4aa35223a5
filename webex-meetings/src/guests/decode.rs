use bytes::Bytes;
use http::Response;
use invitations_core::{Result, secret::TokenText};

use super::GuestToken;
use crate::{
    errors::Asked,
    wire::{Members, object, seconds_of, token_of},
};

/// Unlike the authorization server's, this answer is written in camel case.
pub(super) fn token(asked: &Asked, reply: &Response<Bytes>) -> Result<GuestToken> {
    let mut members = Members::of(&object(asked, reply)?);
    let unreadable = || asked.unreadable(reply, "the answer has no guest with a token");
    Ok(GuestToken {
        id: members.text("id").ok_or_else(unreadable)?,
        subject: members.text("subject").ok_or_else(unreadable)?,
        display_name: members.text("displayName").unwrap_or_default(),
        email: members.text("email"),
        access: TokenText::new(members.take_with("accessToken", token_of).ok_or_else(unreadable)?),
        expires_in: members.take_with("expiresIn", seconds_of),
        extra: members.left(),
    })
}
