//! What every [`AuthorizationServer`] must do: RFC 6749 with PKCE (RFC 7636), and failures that say what they mean.

use std::{collections::HashMap, fmt::Write as _, sync::Arc, time::Duration};

use async_trait::async_trait;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Finding, Verdict, ensure};
use crate::{
    secret::{AuthorizationCode, OAuthState, PkceVerifier, RefreshToken},
    token::{AuthorizationRequest, AuthorizationServer, Grant, GrantFailure, GrantFailureClass, Rotation, TokenReply},
};

const LIMIT: Duration = Duration::from_secs(20);
/// 43 characters, as RFC 7636 asks for at least.
const VERIFIER: &str = "suite-verifier-suite-verifier-suite-verifie";

/// Makes servers for the cases, and is the user at their browser.
#[async_trait]
pub trait AuthorizationServerFixture: Send + Sync {
    /// A server that knows our client.
    async fn server(&self) -> Arc<dyn AuthorizationServer>;
    /// Where the browser comes back; the server knows it.
    fn redirect(&self) -> Url;
    /// The user opens the page, signs in as always the same, and agrees: the address the browser is sent to.
    async fn consent(&self, page: &Url) -> Url;
}

/// One test per case: `authorization_server_suite!(#[tokio::test] MyFixture::new());`
#[macro_export]
macro_rules! authorization_server_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite!($(#[$test])+ $fixture; authorization_server:
            the_page_is_asked_with_state_and_challenge,
            a_code_buys_tokens_once,
            a_code_is_worth_nothing_without_its_verifier,
            a_refresh_token_buys_an_access_token,
            an_unknown_refresh_token_is_a_dead_grant,
            the_same_user_is_the_same_subject,
            failures_show_no_secret,
        );
    };
}

struct Consented {
    server: Arc<dyn AuthorizationServer>,
    code: String,
}

fn request(fixture: &dyn AuthorizationServerFixture) -> AuthorizationRequest {
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(VERIFIER.as_bytes()));
    AuthorizationRequest::new(OAuthState::new("suite-state"), challenge, fixture.redirect())
}

async fn consented(fixture: &dyn AuthorizationServerFixture) -> Result<Consented, Finding> {
    let server = fixture.server().await;
    let page = server.authorization_url(&request(fixture))?;
    let back = fixture.consent(&page).await;
    let query: HashMap<_, _> = back.query_pairs().collect();
    ensure(query.get("state").is_some_and(|state| state == "suite-state"), || {
        "the state did not come back".to_owned()
    })?;
    let code = query.get("code").ok_or_else(|| Finding::new("no code came back"))?.to_string();
    Ok(Consented { server, code })
}

impl Consented {
    async fn redeem(&self, verifier: &str, redirect: Url) -> Result<TokenReply, GrantFailure> {
        let (code, verifier) = (AuthorizationCode::new(self.code.as_str()), PkceVerifier::new(verifier));
        self.server.token(&Grant::AuthorizationCode { code, verifier, redirect }, LIMIT).await
    }
}

fn worked(reply: Result<TokenReply, GrantFailure>, what: &str) -> Result<TokenReply, Finding> {
    reply.map_err(|failure| Finding::new(format!("{what}: {:?}, {}", failure.class, failure.error)))
}

fn dead(reply: &Result<TokenReply, GrantFailure>, what: &str) -> Verdict {
    match reply {
        Err(failure) if failure.class == GrantFailureClass::GrantDead => Ok(()),
        Err(failure) => Err(Finding::new(format!("{what}: {:?} and not a dead grant", failure.class))),
        Ok(_) => Err(Finding::new(format!("{what}: bought tokens"))),
    }
}

/// Everything that keeps a code from another's hands is in the page's address, and nothing that is secret.
///
/// # Errors
/// The finding.
pub async fn the_page_is_asked_with_state_and_challenge(fixture: &dyn AuthorizationServerFixture) -> Verdict {
    let (server, request) = (fixture.server().await, request(fixture));
    let page = server.authorization_url(&request)?;
    let asked: HashMap<_, _> = page.query_pairs().collect();
    for (name, expected) in [
        ("response_type", "code"),
        ("client_id", server.profile().client.as_str()),
        ("redirect_uri", request.redirect.as_str()),
        ("state", "suite-state"),
        ("code_challenge", request.challenge.as_str()),
        ("code_challenge_method", "S256"),
    ] {
        let found = asked.get(name).map(|found| found.as_ref());
        ensure(found == Some(expected), || format!("{name} is {found:?}, not {expected:?}"))?;
    }
    ensure(!asked.contains_key("client_secret"), || "the client's secret is in the address".to_owned())
}

/// Tokens come once; whoever brings the code again gets none.
///
/// # Errors
/// The finding.
pub async fn a_code_buys_tokens_once(fixture: &dyn AuthorizationServerFixture) -> Verdict {
    let consented = consented(fixture).await?;
    let reply = worked(consented.redeem(VERIFIER, fixture.redirect()).await, "a fresh code")?;
    ensure(reply.refresh.is_some(), || "no refresh token came".to_owned())?;
    dead(&consented.redeem(VERIFIER, fixture.redirect()).await, "a code that was used")
}

/// RFC 7636, 4.6.
///
/// # Errors
/// The finding.
pub async fn a_code_is_worth_nothing_without_its_verifier(fixture: &dyn AuthorizationServerFixture) -> Verdict {
    let consented = consented(fixture).await?;
    let other = "another-verifier-another-verifier-another-v";
    dead(&consented.redeem(other, fixture.redirect()).await, "a code with another verifier")
}

/// And, where the old one is replaced, another refresh token.
///
/// # Errors
/// The finding.
pub async fn a_refresh_token_buys_an_access_token(fixture: &dyn AuthorizationServerFixture) -> Verdict {
    let consented = consented(fixture).await?;
    let first = worked(consented.redeem(VERIFIER, fixture.redirect()).await, "a fresh code")?;
    let old = first.refresh.ok_or_else(|| Finding::new("no refresh token came"))?;
    let reply = worked(consented.server.token(&Grant::RefreshToken(old.clone()), LIMIT).await, "a refresh token")?;
    ensure(reply.access.expose() != first.access.expose(), || "the same access token came again".to_owned())?;
    let replaced = reply.refresh.is_some_and(|new| new.expose() != old.expose());
    let declared = !matches!(consented.server.profile().rotation, Rotation::Same);
    ensure(replaced == declared, || format!("the refresh token is replaced: {replaced}, declared: {declared}"))
}

/// Not a passing fault, which would be tried for ever, and not the client's, which would alarm the operator.
///
/// # Errors
/// The finding.
pub async fn an_unknown_refresh_token_is_a_dead_grant(fixture: &dyn AuthorizationServerFixture) -> Verdict {
    let server = fixture.server().await;
    let grant = Grant::RefreshToken(RefreshToken::new("suite-refresh-token-of-nobody"));
    dead(&server.token(&grant, LIMIT).await, "an unknown refresh token")
}

/// One account is one connection: its name must not change.
///
/// # Errors
/// The finding.
pub async fn the_same_user_is_the_same_subject(fixture: &dyn AuthorizationServerFixture) -> Verdict {
    let mut subjects = Vec::new();
    for _ in 0..2 {
        let consented = consented(fixture).await?;
        let reply = worked(consented.redeem(VERIFIER, fixture.redirect()).await, "a fresh code")?;
        let subject = consented.server.identity(&reply).await.map(|identity| identity.subject);
        subjects.push(subject.map_err(|failure| Finding::new(format!("the subject: {}", failure.error)))?);
    }
    ensure(subjects[0] == subjects[1], || "the same user came back as another".to_owned())
}

/// Neither the server nor its failures show what they were given.
///
/// # Errors
/// The finding.
pub async fn failures_show_no_secret(fixture: &dyn AuthorizationServerFixture) -> Verdict {
    let consented = consented(fixture).await?;
    let mut shown = format!("{:?} {:#?}", consented.server, consented.server);
    let mut told = |failure: GrantFailure| {
        let _ = write!(shown, "{failure:?} {:#?} {}", failure.error, failure.error);
        let mut cause = std::error::Error::source(&failure.error);
        while let Some(error) = cause {
            let _ = write!(shown, "{error} {error:?}");
            cause = error.source();
        }
    };
    let planted = "suite-planted-secret-suite-planted-secret-s";
    consented.redeem(planted, fixture.redirect()).await.map(drop).unwrap_or_else(&mut told);
    let grant = Grant::RefreshToken(RefreshToken::new(planted));
    consented.server.token(&grant, LIMIT).await.map(drop).unwrap_or_else(&mut told);
    ensure(!shown.contains(planted), || "a failure shows the secret it was given".to_owned())?;
    ensure(!shown.contains(&consented.code), || "a failure shows the code".to_owned())
}
