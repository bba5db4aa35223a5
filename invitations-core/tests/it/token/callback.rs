//! What a web handler gets when the browser comes back.

use invitations_core::{
    ErrorKind,
    ids::{PrincipalId, ProviderId},
    token::{BeginOptions, CallbackOutcome, Cause, ConnectCode, ConnectionState, GrantFailureClass},
};
use url::Url;

use super::world::{Fault, World, drive, owner, secs, state_of, tenant};

const BACK: &str = "/settings?tab=1#top";

fn provider() -> ProviderId {
    ProviderId::parse("provider").unwrap()
}

async fn begin(world: &World) -> String {
    state_of(&world.connections.begin(&tenant(), &owner(), &provider(), BACK).await.unwrap())
}

async fn callback(world: &World, query: &str) -> CallbackOutcome {
    drive(&world.clock, world.connections.callback(query, &owner())).await
}

/// Begins, comes back with `query`, and sees that the state is used up.
async fn round(world: &World, query: &str) -> CallbackOutcome {
    let state = begin(world).await;
    let outcome = callback(world, &format!("{query}&state={state}")).await;
    let again = callback(world, &format!("code=c&state={state}")).await;
    assert_eq!((again.code, again.return_to), (Some(ConnectCode::StateUnknown), None), "after {query}");
    outcome
}

#[tokio::test]
async fn the_outcome_goes_back_with_the_browser() {
    let world = World::new();
    let outcome = round(&world, "code=c").await;
    assert_eq!(outcome.return_to.as_deref(), Some("/settings?tab=1&connect=ok#top"));
    assert_eq!((outcome.code, outcome.result.unwrap().state), (None, ConnectionState::Valid));
    for (query, back, kind) in [
        ("error=access_denied", "connect=denied&code=access_denied", ErrorKind::PermissionDenied),
        ("error=consent_required", "connect=failed&code=refused", ErrorKind::PermissionDenied),
        ("error=invalid_scope", "connect=failed&code=misconfigured", ErrorKind::PermissionDenied),
        ("error=server_error", "connect=failed&code=unavailable", ErrorKind::PermissionDenied),
        ("code=c&code=d", "connect=failed&code=failed", ErrorKind::InvalidInput),
        ("x=y", "connect=failed&code=failed", ErrorKind::InvalidInput),
    ] {
        let outcome = round(&world, query).await;
        assert_eq!(outcome.return_to, Some(format!("/settings?tab=1&{back}#top")), "{query}");
        assert_eq!(outcome.result.unwrap_err().kind(), kind, "{query}");
    }
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test]
async fn what_the_server_does_not_like_is_told_apart() {
    let world = World::new();
    for (class, code) in [
        (GrantFailureClass::GrantDead, ConnectCode::Refused),
        (GrantFailureClass::ClientMisconfigured, ConnectCode::Misconfigured),
        (GrantFailureClass::Unknown, ConnectCode::Unavailable),
    ] {
        world.server.will([Fault::Fail(class)]);
        let outcome = round(&world, "code=c").await;
        assert_eq!(outcome.code, Some(code));
    }
    let id = world.connect("account").await;
    let options = BeginOptions::new().renewing(id);
    let url = world.connections.begin_with(&tenant(), &owner(), &provider(), BACK, options).await.unwrap();
    world.server.sign_in_as("another");
    let outcome = callback(&world, &format!("code=c&state={}", state_of(&url))).await;
    assert_eq!(outcome.return_to.as_deref(), Some("/settings?tab=1&connect=failed&code=other_account#top"));
}

#[tokio::test]
async fn abuse_f01_only_a_state_of_ours_leads_back() {
    let world = World::new();
    for query in ["", "code=c", "code=c&state=guess", "error=access_denied&state=guess"] {
        let outcome = callback(&world, query).await;
        assert_eq!(outcome.return_to, None, "{query}");
        assert!(outcome.result.is_err());
    }
    let state = begin(&world).await;
    world.clock.advance(secs(601));
    assert_eq!(callback(&world, &format!("code=c&state={state}")).await.code, Some(ConnectCode::StateUnknown));
    assert_eq!(world.server.requests(), 0);
}

#[tokio::test]
async fn abuse_f02_a_state_in_anothers_browser_is_used_up_and_leads_nowhere() {
    let world = World::new();
    let state = begin(&world).await;
    let victim = PrincipalId::parse("victim").unwrap();
    let query = format!("code=attackers&state={state}");
    let outcome = world.connections.callback(&query, &victim).await;
    assert_eq!((outcome.return_to, outcome.code), (None, Some(ConnectCode::StateUnknown)));
    assert_eq!(callback(&world, &query).await.code, Some(ConnectCode::StateUnknown));
    assert_eq!(world.server.requests(), 0);
}

#[tokio::test]
async fn abuse_f03_the_code_is_redeemed_with_the_verifier_of_the_challenge() {
    let world = World::new();
    let url = world.connections.begin(&tenant(), &owner(), &provider(), BACK).await.unwrap();
    let challenge = url.query_pairs().find(|(name, _)| name == "code_challenge").unwrap().1.into_owned();
    callback(&world, &format!("code=c&state={}", state_of(&url))).await.result.unwrap();
    assert_eq!(world.server.challenges(), [challenge], "S256 of the verifier that came with the code");
    begin(&world).await;
    assert_ne!(begin(&world).await, begin(&world).await);
}

#[tokio::test]
async fn abuse_f04_a_code_of_another_issuer_is_not_redeemed() {
    let issuer = Url::parse("https://login.example").unwrap();
    let world = World::with(|profile| profile.issuer = Some(issuer), |builder| builder);
    for iss in ["", "&iss=https%3A%2F%2Fevil.example", "&iss=https%3A%2F%2Flogin.example%2Ftenant"] {
        let outcome = round(&world, &format!("code=c{iss}")).await;
        let kind = outcome.result.unwrap_err().kind();
        assert_eq!((outcome.code, kind), (Some(ConnectCode::OtherIssuer), ErrorKind::PermissionDenied));
    }
    assert_eq!(world.server.requests(), 0);
    assert!(round(&world, "code=c&iss=https%3A%2F%2Flogin.example").await.result.is_ok());
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test]
async fn a_strangers_text_does_not_get_back_into_the_page() {
    let world = World::new();
    for text in ["%3Cscript%3E", "access_denied%26connect%3Dok", "access_denied%23", "%0d%0aSet-Cookie:x"] {
        let outcome = round(&world, &format!("error={text}&error_description={text}&connect=ok")).await;
        assert_eq!(outcome.return_to.as_deref(), Some("/settings?tab=1&connect=failed&code=refused#top"), "{text}");
    }
}

#[tokio::test]
async fn abuse_f09_a_connection_that_lacks_scopes_is_not_called_fine() {
    let world = World::with(|_| {}, |builder| builder.require_scopes(provider(), ["write"]));
    world.server.will([Fault::Scopes(vec!["read".to_owned()])]);
    let outcome = round(&world, "code=c").await;
    assert_eq!(outcome.return_to.as_deref(), Some("/settings?tab=1&connect=failed&code=scope_missing#top"));
    let view = outcome.result.unwrap();
    assert_eq!(view.state, ConnectionState::NeedsReconsent(Cause::ScopeMissing));
    assert_eq!((view.scopes, view.remedy.is_some()), (vec!["read".to_owned()], true));
}
