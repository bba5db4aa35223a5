//! Each is wrong in one way that the suite must see.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    conformance::{DeviceAuthorizationFixture, Verdict, device_authorization as suite},
    ids::{ClientId, ProviderId},
    secret::{DeviceCode, RefreshToken, TokenText},
    token::{
        AuthorizationRequest, AuthorizationServer, DeviceAnswer, DeviceAuthorization, DeviceAuthorizationServer, Grant,
        GrantFailure, GrantFailureClass, Identity, RevokeReply, ServerProfile, Subject, TokenReply,
    },
};
use url::Url;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wrong {
    No,
    /// A user who has not decided is a failure.
    PendingFails,
    /// A code works again and again.
    Twice,
    /// A user who says no is waited for.
    DeniedIsPending,
    /// Any code is waited for.
    KnowsAll,
    /// Who asks too often is thrown out.
    Strict,
    /// A refusal quotes the code.
    Tells,
}

#[derive(Debug)]
struct Server {
    wrong: Wrong,
    profile: ServerProfile,
    decided: Mutex<Option<bool>>,
    used: Mutex<bool>,
    early: Mutex<bool>,
}

fn dead() -> GrantFailure {
    GrantFailure::new(GrantFailureClass::GrantDead, Error::new(ErrorKind::NeedsReconsent, "ask"))
}

#[async_trait]
impl AuthorizationServer for Server {
    fn profile(&self) -> &ServerProfile {
        &self.profile
    }
    fn authorization_url(&self, _: &AuthorizationRequest) -> Result<Url> {
        Err(Error::new(ErrorKind::Unsupported, "begin"))
    }
    async fn token(&self, _: &Grant, _: Duration) -> Result<TokenReply, GrantFailure> {
        Err(dead())
    }
    async fn identity(&self, _: &TokenReply) -> Result<Identity, GrantFailure> {
        Ok(Identity::new(Subject::parse("ada").unwrap()))
    }
    async fn revoke(&self, _: &RefreshToken, _: Duration) -> Result<RevokeReply, GrantFailure> {
        Ok(RevokeReply::Unsupported)
    }
}

#[async_trait]
impl DeviceAuthorizationServer for Server {
    async fn begin_device(&self, _: &[String], _: Duration) -> Result<DeviceAuthorization, GrantFailure> {
        let page = Url::parse("https://login.example/device").unwrap();
        Ok(DeviceAuthorization::new(DeviceCode::new("dc-4711"), "USER", page, Duration::from_secs(900)).unwrap())
    }

    async fn poll_device(&self, code: &DeviceCode, _: Duration) -> Result<DeviceAnswer, GrantFailure> {
        if code.expose() != "dc-4711" {
            return match self.wrong {
                Wrong::KnowsAll => Ok(DeviceAnswer::Pending),
                Wrong::Tells => Err(GrantFailure::new(
                    GrantFailureClass::GrantDead,
                    Error::new(ErrorKind::NeedsReconsent, "ask").with_detail(code.expose().to_owned()),
                )),
                _ => Err(dead()),
            };
        }
        if std::mem::replace(&mut *self.early.lock().unwrap(), true) {
            return if self.wrong == Wrong::Strict { Err(dead()) } else { Ok(DeviceAnswer::SlowDown) };
        }
        match *self.decided.lock().unwrap() {
            None if self.wrong == Wrong::PendingFails => Err(dead()),
            None => Ok(DeviceAnswer::Pending),
            Some(false) if self.wrong == Wrong::DeniedIsPending => Ok(DeviceAnswer::Pending),
            Some(false) => Ok(DeviceAnswer::Denied),
            Some(true) => {
                if std::mem::replace(&mut *self.used.lock().unwrap(), true) && self.wrong != Wrong::Twice {
                    return Err(dead());
                }
                let mut reply = TokenReply::new(TokenText::new("access"));
                reply.refresh = Some(RefreshToken::new("refresh"));
                Ok(DeviceAnswer::Granted(Box::new(reply)))
            }
        }
    }
}

struct Of(Arc<Server>);

fn of(wrong: Wrong) -> Of {
    let profile = ServerProfile::new(ProviderId::parse("provider").unwrap(), ClientId::parse("client").unwrap());
    let (decided, used, early) = Default::default();
    Of(Arc::new(Server { wrong, profile, decided, used, early }))
}

#[async_trait]
impl DeviceAuthorizationFixture for Of {
    async fn server(&self) -> Arc<dyn DeviceAuthorizationServer> {
        Arc::<Server>::clone(&self.0)
    }
    async fn decide(&self, _: &str, agrees: bool) {
        *self.0.decided.lock().unwrap() = Some(agrees);
    }
    async fn pause(&self, _: Duration) {
        *self.0.early.lock().unwrap() = false;
    }
}

mod right {
    use super::{Wrong, of};
    invitations_core::device_authorization_suite!(
        #[tokio::test]
        of(Wrong::No)
    );
}

fn seen(verdict: &Verdict, text: &str) {
    assert!(verdict.as_ref().is_err_and(|finding| finding.0.contains(text)), "{verdict:?}");
}

#[tokio::test]
async fn each_wrong_server_is_found_out() {
    seen(&suite::an_undecided_user_is_pending(&of(Wrong::PendingFails)).await, "a question");
    seen(&suite::a_code_buys_tokens_once(&of(Wrong::Twice)).await, "a code that was used");
    seen(&suite::a_user_who_declines_is_denied(&of(Wrong::DeniedIsPending)).await, "not denied");
    seen(&suite::a_code_that_was_never_given_buys_nothing(&of(Wrong::KnowsAll)).await, "a code of nobody");
    seen(&suite::whoever_asks_too_often_is_told(&of(Wrong::Strict)).await, "too early");
    seen(&suite::nothing_shows_the_device_code(&of(Wrong::Tells)).await, "shows a device code");
}
