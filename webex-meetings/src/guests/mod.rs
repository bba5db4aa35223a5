//! Guests: people without a Webex account, for whom a service application answers.

mod decode;
mod request;

use std::time::Duration;

use invitations_core::{Error, Remedy, Result, provider::WriteOptions, secret::TokenText};
use meetings_http::Protection;

use crate::{Webex, errors::Effect, extra::ExtraMembers};

const TOKEN: &str = "request guest token";
const DOCS: &str = "https://developer.webex.com/docs/sa-guest-management";

/// A guest and their access token. A guest can join meetings and register for them, no more.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GuestToken {
    /// The guest's person id.
    pub id: String,
    /// The application's own name for the guest.
    pub subject: String,
    /// What others in the meeting see.
    pub display_name: String,
    /// An address that Webex made up for the guest; nobody reads mail there.
    pub email: Option<String>,
    /// For joining.
    pub access: TokenText,
    /// How long it lives, from the request on. There is no refresh token: ask again with the same subject.
    pub expires_in: Option<Duration>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl Webex {
    /// Asks for a guest's access token (`POST /guests/token`), with the tokens of [`WebexBuilder::tokens`](crate::WebexBuilder::tokens),
    /// which must be a service application's with the scope `guest-issuer:write`. The same subject is the same guest; another name renames
    /// them. Earlier tokens go on working.
    ///
    /// Applications of the older kind "guest issuer" (JWTs signed with HS256, traded at `POST /jwt/login`) are deprecated, new ones cannot be
    /// made, and this library does not speak to them.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for an empty or overlong subject or name, before anything is sent;
    /// [`PermissionDenied`](invitations_core::ErrorKind::PermissionDenied) when the tokens are no service application's or lack the scope;
    /// [`Misconfigured`](invitations_core::ErrorKind::Misconfigured) without tokens; otherwise as every call. Asking again is harmless.
    pub async fn guest_token(&self, subject: &str, display_name: &str) -> Result<GuestToken> {
        let request = request::token(subject, display_name)?;
        let caller = self.caller(self.tokens(TOKEN)?, None);
        let asked = caller.asked(TOKEN, Effect::Write);
        // the same request again brings the same guest
        let reply = caller.answer(&asked, request, Protection::Idempotent, &WriteOptions::new()).await?;
        let checked = caller.checked(&asked, reply).map_err(remedied)?;
        decode::token(&asked, &checked)
    }
}

fn remedied(error: Error) -> Error {
    if error.status() != Some(403) {
        return error;
    }
    error.with_remedy(
        Remedy::new("Use the tokens of a service application with the scope guest-issuer:write.").with_docs(DOCS),
    )
}
