//! What every [`DeviceAuthorizationServer`] must do: RFC 8628.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{Finding, Verdict, ensure};
use crate::{
    secret::DeviceCode,
    token::{DeviceAnswer, DeviceAuthorization, DeviceAuthorizationServer, GrantFailure},
};

const LIMIT: Duration = Duration::from_secs(20);

/// Makes servers for the cases, and is the user on the other device.
#[async_trait]
pub trait DeviceAuthorizationFixture: Send + Sync {
    /// A server that knows our client; each time the same.
    async fn server(&self) -> Arc<dyn DeviceAuthorizationServer>;
    /// The user types the code in, and agrees or declines.
    async fn decide(&self, user_code: &str, agrees: bool);
    /// Lets so much time pass, for the server at least.
    async fn pause(&self, time: Duration);
}

/// One test per case: `device_authorization_suite!(#[tokio::test] MyFixture::new());`
#[macro_export]
macro_rules! device_authorization_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite!($(#[$test])+ $fixture; device_authorization:
            an_undecided_user_is_pending,
            a_code_buys_tokens_once,
            a_user_who_declines_is_denied,
            a_code_that_was_never_given_buys_nothing,
            whoever_asks_too_often_is_told,
            nothing_shows_the_device_code,
        );
    };
}

struct Begun {
    server: Arc<dyn DeviceAuthorizationServer>,
    codes: DeviceAuthorization,
}

async fn begun(fixture: &dyn DeviceAuthorizationFixture) -> Result<Begun, Finding> {
    let server = fixture.server().await;
    let codes = server.begin_device(&[], LIMIT).await.map_err(|failure| failed("the beginning", &failure))?;
    ensure(codes.device_code.expose() != codes.user_code, || "the user is shown the device's own code".to_owned())?;
    ensure(codes.expires_in > codes.interval, || "the code is over before it is asked for".to_owned())?;
    Ok(Begun { server, codes })
}

impl Begun {
    /// Asks when it is time to.
    async fn ask(&self, fixture: &dyn DeviceAuthorizationFixture) -> Result<DeviceAnswer, Finding> {
        fixture.pause(self.codes.interval).await;
        let answer = self.server.poll_device(&self.codes.device_code, LIMIT).await;
        answer.map_err(|failure| failed("a question", &failure))
    }
}

fn failed(what: &str, failure: &GrantFailure) -> Finding {
    Finding::new(format!("{what}: {:?}, {}", failure.class, failure.error))
}

/// As often as the device asks in the pace that the server set: not an error, and not `slow_down`.
///
/// # Errors
/// The finding.
pub async fn an_undecided_user_is_pending(fixture: &dyn DeviceAuthorizationFixture) -> Verdict {
    let begun = begun(fixture).await?;
    for _ in 0..2 {
        let answer = begun.ask(fixture).await?;
        ensure(matches!(answer, DeviceAnswer::Pending), || format!("{answer:?} and not pending"))?;
    }
    Ok(())
}

/// The tokens name their account, and the code buys no more.
///
/// # Errors
/// The finding.
pub async fn a_code_buys_tokens_once(fixture: &dyn DeviceAuthorizationFixture) -> Verdict {
    let begun = begun(fixture).await?;
    fixture.decide(&begun.codes.user_code, true).await;
    let DeviceAnswer::Granted(reply) = begun.ask(fixture).await? else {
        return Err(Finding::new("the user agreed, and no tokens came"));
    };
    ensure(reply.refresh.is_some(), || "no refresh token came".to_owned())?;
    begun.server.identity(&reply).await.map_err(|failure| failed("the subject", &failure))?;
    let again = begun.ask(fixture).await;
    ensure(!matches!(again, Ok(DeviceAnswer::Granted(_) | DeviceAnswer::Pending | DeviceAnswer::SlowDown)), || {
        format!("a code that was used: {again:?}")
    })
}

/// And not told as a failure of the client or the network.
///
/// # Errors
/// The finding.
pub async fn a_user_who_declines_is_denied(fixture: &dyn DeviceAuthorizationFixture) -> Verdict {
    let begun = begun(fixture).await?;
    fixture.decide(&begun.codes.user_code, false).await;
    let answer = begun.ask(fixture).await?;
    ensure(matches!(answer, DeviceAnswer::Denied), || format!("{answer:?} and not denied"))
}

/// Nor is it waited for.
///
/// # Errors
/// The finding.
pub async fn a_code_that_was_never_given_buys_nothing(fixture: &dyn DeviceAuthorizationFixture) -> Verdict {
    let answer = fixture.server().await.poll_device(&DeviceCode::new("suite-device-code-of-nobody"), LIMIT).await;
    let goes_on = matches!(answer, Ok(DeviceAnswer::Granted(_) | DeviceAnswer::Pending | DeviceAnswer::SlowDown));
    ensure(!goes_on, || format!("a code of nobody: {answer:?}"))
}

/// Servers may let it pass; what they do not do is to fail or to forget the sign-in.
///
/// # Errors
/// The finding.
pub async fn whoever_asks_too_often_is_told(fixture: &dyn DeviceAuthorizationFixture) -> Verdict {
    let begun = begun(fixture).await?;
    begun.ask(fixture).await?;
    let early = begun.server.poll_device(&begun.codes.device_code, LIMIT).await;
    let early = early.map_err(|failure| failed("a question too early", &failure))?;
    ensure(matches!(early, DeviceAnswer::Pending | DeviceAnswer::SlowDown), || format!("too early: {early:?}"))?;
    fixture.decide(&begun.codes.user_code, true).await;
    // RFC 8628, 3.5
    fixture.pause(Duration::from_secs(5)).await;
    let answer = begun.ask(fixture).await?;
    ensure(matches!(answer, DeviceAnswer::Granted(_)), || format!("after a question too early: {answer:?}"))
}

/// Whoever holds it gets the user's tokens.
///
/// # Errors
/// The finding.
pub async fn nothing_shows_the_device_code(fixture: &dyn DeviceAuthorizationFixture) -> Verdict {
    let begun = begun(fixture).await?;
    let answer = begun.ask(fixture).await?;
    let planted = DeviceCode::new("suite-planted-device-code");
    let refused = begun.server.poll_device(&planted, LIMIT).await;
    let shown = format!("{:?} {:?} {answer:?} {refused:?}", begun.server, begun.codes);
    let hidden = |secret: &DeviceCode| !shown.contains(secret.expose());
    ensure(hidden(&begun.codes.device_code) && hidden(&planted), || "Debug shows a device code".to_owned())
}
