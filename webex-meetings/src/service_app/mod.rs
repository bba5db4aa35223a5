//! Service applications: accounts of an application's own, one in each organisation that authorized it.

mod decode;
mod request;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Response, StatusCode};
use invitations_core::{
    Error, Remedy, Result,
    ids::{ClientId, PrincipalId, TenantId},
    provider::WriteOptions,
    secret::{ClientSecret, RefreshToken, TokenText},
    token::{Import, Subject, TokenSource},
};
use meetings_http::Protection;

use crate::{
    Integration, Webex,
    errors::{Asked, Effect},
    extra::ExtraMembers,
};

const TOKEN: &str = "request service app token";
const DOCS: &str = "https://developer.webex.com/docs/service-apps";

/// A Webex service application, as registered at developer.webex.com.
///
/// Its account is a machine's: it has no meetings of its own and acts for hosts (`hostEmail`), for which its scopes must be those of an
/// administrator (`meeting:admin_schedule_read`, `meeting:admin_schedule_write`), and a full administrator must authorize it.
#[derive(Clone, Debug)]
pub struct ServiceApp {
    application: String,
    client: ClientId,
    secret: ClientSecret,
}

impl ServiceApp {
    /// `application` is the id of the application itself, which is not its client id.
    pub fn new(application: impl Into<String>, client: ClientId, secret: ClientSecret) -> Self {
        Self { application: application.into(), client, secret }
    }

    /// What makes a connection of the first refresh token that it has in `organization`, for
    /// [`Connections::import`](invitations_core::token::Connections::import). `owner` is who answers for it in the embedder's organisation
    /// `tenant`. A later import for the same organisation renews the same connection.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) when `organization` is empty or no id.
    pub fn import(
        &self,
        tenant: TenantId,
        owner: PrincipalId,
        organization: &str,
        refresh: RefreshToken,
    ) -> Result<Import> {
        let subject = Subject::parse(organization)?;
        Ok(Import::new(tenant, owner, crate::provider_id(), self.client.clone(), subject, refresh))
    }
}

/// Refreshes go to the same place as those of an integration, with the application's own client id and secret.
impl From<ServiceApp> for Integration {
    fn from(app: ServiceApp) -> Self {
        Self::new(app.client, app.secret).with_scopes([""; 0])
    }
}

/// The first tokens of a service application in one organisation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServiceAppTokens {
    /// For now.
    pub access: TokenText,
    /// How long that is.
    pub expires_in: Option<Duration>,
    /// For good, as long as it is used.
    pub refresh: RefreshToken,
    /// How long it lives without.
    pub refresh_expires_in: Option<Duration>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl Webex {
    /// Asks for the tokens of a service application in an organisation that authorized it (`POST /applications/{id}/token`). Once: from
    /// then on they are refreshed, see [`ServiceApp::import`].
    ///
    /// `developer` are tokens of whoever owns the application, with the scope `spark:applications_token`; `organization` is the id that
    /// the webhook `serviceApp` `authorized` names, and the list of authorizations on the application's page.
    ///
    /// # Errors
    /// [`PermissionDenied`](invitations_core::ErrorKind::PermissionDenied) when no full administrator authorized it, or the scope is
    /// missing; otherwise as every call. Asking again is harmless.
    pub async fn service_app_tokens(
        &self,
        app: &ServiceApp,
        organization: &str,
        developer: Arc<dyn TokenSource>,
    ) -> Result<ServiceAppTokens> {
        let request = request::token(app, organization)?;
        let caller = self.caller(developer, None);
        let asked = caller.asked(TOKEN, Effect::Write);
        let reply = caller.answer(&asked, request, Protection::Unprotected, &WriteOptions::new()).await?;
        let checked = caller.checked(&asked, reply).map_err(remedied)?;
        decode::tokens(&asked, &checked)
    }
}

/// The general table knows only of meetings.
fn remedied(error: Error) -> Error {
    if error.status() != Some(StatusCode::FORBIDDEN.as_u16()) {
        return error;
    }
    error.with_remedy(
        Remedy::new(
            "Let a full administrator authorize the service application in Control Hub, and ask with a token of its owner that has \
             the scope spark:applications_token.",
        )
        .with_docs(DOCS),
    )
}

fn unreadable(asked: &Asked, reply: &Response<Bytes>) -> Error {
    asked.unreadable(reply, "the answer has no tokens")
}
