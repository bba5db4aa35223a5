use bytes::Bytes;
use http::Response;
use invitations_core::{Result, secret::TokenText};

use super::GuestToken;
use crate::{
    errors::Asked,
    wire::{object, seconds, text, token as token_text},
};

/// Unlike the authorization server's, this answer is written in camel case.
pub(super) fn token(asked: &Asked, reply: &Response<Bytes>) -> Result<GuestToken> {
    let body = object(asked, reply)?;
    let unreadable = || asked.unreadable(reply, "the answer has no guest with a token");
    Ok(GuestToken {
        id: text(&body, "id").ok_or_else(unreadable)?,
        subject: text(&body, "subject").ok_or_else(unreadable)?,
        display_name: text(&body, "displayName").unwrap_or_default(),
        email: text(&body, "email"),
        access: TokenText::new(token_text(&body, "accessToken").ok_or_else(unreadable)?),
        expires_in: seconds(&body, "expiresIn"),
    })
}
