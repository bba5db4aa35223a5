use bytes::Bytes;
use http::Response;
use invitations_core::{
    Result,
    secret::{RefreshToken, TokenText},
};

use super::{ServiceAppTokens, unreadable};
use crate::{
    errors::Asked,
    wire::{object, seconds, token},
};

pub(super) fn tokens(asked: &Asked, reply: &Response<Bytes>) -> Result<ServiceAppTokens> {
    let body = object(asked, reply)?;
    let needed = |name: &str| token(&body, name).ok_or_else(|| unreadable(asked, reply));
    Ok(ServiceAppTokens {
        access: TokenText::new(needed("access_token")?),
        expires_in: seconds(&body, "expires_in"),
        refresh: RefreshToken::new(needed("refresh_token")?),
        refresh_expires_in: seconds(&body, "refresh_token_expires_in"),
    })
}
