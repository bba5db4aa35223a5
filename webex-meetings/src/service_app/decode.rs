use bytes::Bytes;
use http::Response;
use invitations_core::{
    Result,
    secret::{RefreshToken, TokenText},
};

use super::{ServiceAppTokens, unreadable};
use crate::{
    errors::Asked,
    wire::{Members, object, seconds_of, token_of},
};

pub(super) fn tokens(asked: &Asked, reply: &Response<Bytes>) -> Result<ServiceAppTokens> {
    let mut members = Members::of(&object(asked, reply)?);
    let mut needed = |name: &str| members.take_with(name, token_of).ok_or_else(|| unreadable(asked, reply));
    let (access, refresh) = (needed("access_token")?, needed("refresh_token")?);
    Ok(ServiceAppTokens {
        access: TokenText::new(access),
        expires_in: members.take_with("expires_in", seconds_of),
        refresh: RefreshToken::new(refresh),
        refresh_expires_in: members.take_with("refresh_token_expires_in", seconds_of),
        extra: members.left(),
    })
}
