//! Guests of a service application.

use std::sync::Arc;

use invitations_core::ErrorKind;
use meetings_http::{StaticTokens, Step};
use meetings_sandbox::defaults;
use serde_json::json;
use webex_meetings::Webex;

use crate::{
    service_app::{app, developer, service},
    support::{draft, key, once, sandbox, scripted},
};

const ORGANIZATION: &str = defaults::WEBEX_ORGANIZATION_ID;

async fn tokens_of(sandbox: &meetings_sandbox::Sandbox) -> Webex {
    sandbox.authorize_service_app(defaults::WEBEX_SERVICE_APP_ID, ORGANIZATION, true);
    let webex = service(sandbox);
    let developer = developer(sandbox, "spark:applications_token");
    let tokens = webex.service_app_tokens(&app(), ORGANIZATION, developer).await.unwrap();
    webex.with_tokens(Arc::new(StaticTokens::new(tokens.access.expose())))
}

#[tokio::test]
async fn the_same_subject_is_the_same_guest_with_another_token() {
    use invitations_core::provider::MeetingProvider as _;
    let sandbox = sandbox().await;
    let webex = tokens_of(&sandbox).await;
    let ada = webex.guest_token("guest-1", "Ada").await.unwrap();
    let renamed = webex.guest_token("guest-1", "Ada Lovelace").await.unwrap();
    assert_eq!((&renamed.id, renamed.display_name.as_str()), (&ada.id, "Ada Lovelace"));
    assert_eq!((ada.subject.as_str(), ada.expires_in.map(|life| life.as_secs())), ("guest-1", Some(64_799)));
    assert_ne!(ada.access.expose(), renamed.access.expose());
    assert_ne!(webex.guest_token("guest-2", "Bert").await.unwrap().id, ada.id);
    assert!(!format!("{ada:?}").contains(ada.access.expose()));

    // both go on working, for joining and no more
    for token in [&ada.access, &renamed.access] {
        let guest = webex.meetings_of(Arc::new(StaticTokens::new(token.expose())));
        let refused = guest.create(&key("guests-own"), &draft(), once()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        let guest = webex.clone().with_tokens(Arc::new(StaticTokens::new(token.expose())));
        let me = guest.send(http::Request::get("/v1/people/me").body(bytes::Bytes::new()).unwrap()).await.unwrap();
        assert!(String::from_utf8_lossy(me.body()).contains(&ada.id));
    }
}

#[tokio::test]
async fn only_a_service_application_makes_guests() {
    let sandbox = sandbox().await;
    let webex = tokens_of(&sandbox).await;
    let user = webex.clone().with_tokens(developer(&sandbox, "guest-issuer:write"));
    let error = user.guest_token("guest-1", "Ada").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.remedy().unwrap().action.contains("guest-issuer:write"));
    assert_eq!(service(&sandbox).guest_token("guest-1", "Ada").await.unwrap_err().kind(), ErrorKind::Misconfigured);
    for (subject, name) in [("", "Ada"), ("guest-1", " "), ("a\u{7}", "Ada")] {
        assert_eq!(webex.guest_token(subject, name).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[tokio::test]
async fn what_came_without_a_token_is_no_guest() {
    for body in [json!({ "id": "1", "subject": "s" }), json!({ "id": "1", "subject": "s", "accessToken": "a b" })] {
        let (webex, _) = scripted(vec![Step::json(200, &body)]);
        assert_eq!(webex.guest_token("s", "n").await.unwrap_err().kind(), ErrorKind::Protocol, "{body}");
    }
    let least = json!({ "id": "1", "subject": "s", "accessToken": "a" });
    let (webex, _) = scripted(vec![Step::json(200, &least)]);
    let guest = webex.guest_token("s", "n").await.unwrap();
    assert_eq!((guest.access.expose(), guest.expires_in, guest.email), ("a", None, None));
}
