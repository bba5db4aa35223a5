//! Signing in as a person does: pages are read, their forms are sent.

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use http::{Request, Response};
use meetings_sandbox::{AuthorizationSide, Handled, MicrosoftUser, defaults};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use crate::bench::{Bench, Reply};

const ADA: &str = "ada@contoso.example";
const REDIRECT: &str = "https://app.example/callback";
const VERIFIER: &str = "0123456789012345678901234567890123456789abc";
const ACCEPT: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

async fn ask(bench: &Bench, request: http::request::Builder, body: String) -> Response<Bytes> {
    let request = request.header("accept", ACCEPT).body(Bytes::from(body)).expect("a request");
    match bench.sandbox.handle(request).await {
        Handled::Reply(response) => response,
        other => panic!("no reply: {other:?}"),
    }
}

async fn open(bench: &Bench, path: &str) -> Response<Bytes> {
    ask(bench, Request::get(path), String::new()).await
}

/// Sends the form that a page holds, with what a person chose.
async fn send(bench: &Bench, page: &Response<Bytes>, (name, value): (&str, &str)) -> Response<Bytes> {
    let page = text(page);
    let action = between(&page, "action=\"", "\"");
    let hidden = between(&page, "<input type=\"hidden\" ", ">");
    let hidden = (between(&hidden, "name=\"", "\""), between(&hidden, "value=\"", "\""));
    post(bench, &action, &[(&hidden.0, &hidden.1), (name, value)]).await
}

async fn post(bench: &Bench, action: &str, fields: &[(&str, &str)]) -> Response<Bytes> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    ask(bench, Request::post(action), body).await
}

fn text(page: &Response<Bytes>) -> String {
    String::from_utf8(page.body().to_vec()).expect("text")
}

fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split_once(after).expect("an end").0.to_owned()
}

/// Where the browser is sent, and with what.
fn back(reply: &Response<Bytes>) -> Vec<(String, String)> {
    assert_eq!(reply.status(), 302, "{}", text(reply));
    let location = reply.headers()["location"].to_str().expect("text");
    assert!(location.starts_with(REDIRECT), "{location}");
    url::Url::parse(location).expect("a URL").query_pairs().into_owned().collect()
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
}

/// The authorize endpoint, with these in the place of what is asked normally.
fn authorize(side: AuthorizationSide, directory: &str, instead: &[(&str, &str)]) -> String {
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(VERIFIER.as_bytes()));
    let (path, client, scope) = match side {
        AuthorizationSide::Webex => ("/v1/authorize".to_owned(), defaults::WEBEX_CLIENT_ID, "openid spark:people_read"),
        _ => (
            format!("/{directory}/oauth2/v2.0/authorize"),
            defaults::MICROSOFT_CLIENT_ID,
            "openid offline_access Calendars.ReadWrite",
        ),
    };
    let pairs = [
        ("client_id", client),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("state", "s t&1"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let said = |name: &str| instead.iter().any(|(n, _)| *n == name);
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.into_iter().filter(|(name, _)| !said(name)).chain(instead.iter().copied()))
        .finish();
    format!("{path}?{query}")
}

fn microsoft(instead: &[(&str, &str)]) -> String {
    authorize(AuthorizationSide::Microsoft, "common", instead)
}

async fn redeemed(bench: &Bench, side: AuthorizationSide, code: &str) -> Reply {
    let (path, id, secret) = match side {
        AuthorizationSide::Webex => ("/v1/access_token", defaults::WEBEX_CLIENT_ID, defaults::WEBEX_CLIENT_SECRET),
        _ => ("/common/oauth2/v2.0/token", defaults::MICROSOFT_CLIENT_ID, defaults::MICROSOFT_CLIENT_SECRET),
    };
    let fields = [("grant_type", "authorization_code"), ("client_id", id), ("client_secret", secret)];
    let rest = [("code", code), ("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)];
    bench.form(path, &fields.into_iter().chain(rest).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn a_person_chooses_and_agrees() {
    let bench = Bench::new().await;
    for (side, scope, whoami) in [
        (AuthorizationSide::Microsoft, "Calendars.ReadWrite", "GET /v1.0/me"),
        (AuthorizationSide::Webex, "spark:people_read", "GET /v1/people/me"),
    ] {
        let choice = open(&bench, &authorize(side, "common", &[])).await;
        assert_eq!(choice.status(), 200);
        for (header, part) in [
            ("content-security-policy", "default-src 'none'"),
            ("content-security-policy", "form-action 'self' https://app.example"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
        ] {
            assert!(choice.headers()[header].to_str().expect("text").contains(part), "{header}");
        }
        let consent = send(&bench, &choice, ("account", ADA)).await;
        assert!(text(&consent).contains(&format!("<bdi>{scope}</bdi>")), "{}", text(&consent));
        let pairs = back(&send(&bench, &consent, ("answer", "accept")).await);
        assert_eq!(value(&pairs, "state"), "s t&1");
        let tokens = redeemed(&bench, side, value(&pairs, "code")).await;
        let me = bench.call(tokens.text("/access_token"), whoami, &[], None).await;
        assert!(me.body.to_string().contains(ADA), "{}", me.body);
    }
}

#[tokio::test]
async fn a_person_declines() {
    let bench = Bench::new().await;
    for side in [AuthorizationSide::Microsoft, AuthorizationSide::Webex] {
        let choice = open(&bench, &authorize(side, "common", &[])).await;
        let pairs = back(&send(&bench, &choice, ("answer", "deny")).await);
        assert_eq!((value(&pairs, "error"), value(&pairs, "state")), ("access_denied", "s t&1"));
        let choice = open(&bench, &authorize(side, "common", &[])).await;
        let consent = send(&bench, &choice, ("account", ADA)).await;
        let pairs = back(&send(&bench, &consent, ("answer", "deny")).await);
        assert_eq!((value(&pairs, "error"), value(&pairs, "code")), ("access_denied", ""));
    }
}

/// Not before an account is chosen, once, not later than ten minutes, and only under the name of the page.
#[tokio::test]
async fn a_page_is_answered_in_order_and_once() {
    let bench = Bench::new().await;
    let over = |reply: &Response<Bytes>| reply.status() == 400 && text(reply).contains("This sign-in is over");
    let choice = open(&bench, &microsoft(&[])).await;
    assert!(over(&send(&bench, &choice, ("answer", "accept")).await), "nobody has signed in");
    let consent = send(&bench, &choice, ("account", ADA)).await;
    back(&send(&bench, &consent, ("answer", "accept")).await);
    assert!(over(&send(&bench, &consent, ("answer", "accept")).await), "answered already");
    assert!(over(&post(&bench, "/_sandbox/sign-in", &[("sign_in", "guessed"), ("account", ADA)]).await));
    let choice = open(&bench, &microsoft(&[])).await;
    bench.sandbox.advance(std::time::Duration::from_secs(601));
    assert!(over(&send(&bench, &choice, ("account", ADA)).await), "too late");
}

#[tokio::test]
async fn nobody_is_sent_to_a_place_that_is_not_registered() {
    let bench = Bench::new().await;
    for side in [AuthorizationSide::Microsoft, AuthorizationSide::Webex] {
        for instead in [("redirect_uri", "https://evil.test/"), ("client_id", "nobody")] {
            let page = open(&bench, &authorize(side, "common", &[instead])).await;
            assert_eq!((page.status().as_u16(), page.headers().get("location")), (400, None), "{instead:?}");
        }
    }
}

#[tokio::test]
async fn accounts_are_those_of_the_directory_and_the_expected_one_is_first() {
    let bench = Bench::new().await;
    bench.sandbox.add_microsoft_user(&MicrosoftUser::new("pat@outlook.example").personal());
    let shown = |directory: &'static str, instead: &'static [(&str, &str)]| {
        let path = authorize(AuthorizationSide::Microsoft, directory, instead);
        let bench = &bench;
        async move { open(bench, &path).await }
    };
    let has = |page: &Response<Bytes>, who: &str| text(page).contains(&format!("value=\"{who}\""));
    for (directory, work, personal) in
        [("common", true, true), ("organizations", true, false), ("consumers", false, true)]
    {
        let page = shown(directory, &[]).await;
        assert_eq!((has(&page, ADA), has(&page, "pat@outlook.example")), (work, personal), "{directory}");
    }
    let page = shown("common", &[("login_hint", "tutor@contoso.example")]).await;
    let page = text(&page);
    assert_eq!(between(&page, "name=\"account\" value=\"", "\""), "tutor@contoso.example");
    // what the page does not offer is not taken either
    let page = shown("consumers", &[]).await;
    let refused = send(&bench, &page, ("account", ADA)).await;
    assert!(text(&refused).contains("This account cannot sign in here."));
}

#[tokio::test]
async fn no_name_becomes_markup() {
    let bench = Bench::new().await;
    let hostile = "<script>alert('x')</script>";
    bench.sandbox.add_microsoft_user(&MicrosoftUser::new("mallory@contoso.example").with_name(hostile));
    let choice = open(&bench, &microsoft(&[("scope", "<b>scope</b> openid")])).await;
    let consent = send(&bench, &choice, ("account", "mallory@contoso.example")).await;
    for page in [&choice, &consent, &open(&bench, "/").await] {
        assert!(text(page).contains("&lt;script&gt;alert(&#39;x&#39;)"), "{}", text(page));
        assert!(!text(page).contains("<script") && !text(page).contains("<b>"), "{}", text(page));
    }
    let turned = "Ada\u{202e}\nmoc.live@";
    bench.sandbox.add_microsoft_user(&MicrosoftUser::new("mallory@contoso.example").with_name(turned));
    for page in [&open(&bench, &microsoft(&[])).await, &open(&bench, "/").await] {
        assert!(text(page).contains(&format!("<bdi>{turned}</bdi>")), "it turns nothing else: {}", text(page));
    }
}

async fn device(bench: &Bench, side: AuthorizationSide) -> Reply {
    device_for(bench, side, "openid spark:people_read").await
}

async fn device_for(bench: &Bench, side: AuthorizationSide, scope: &str) -> Reply {
    let (path, client) = match side {
        AuthorizationSide::Webex => ("/v1/device/authorize", defaults::WEBEX_CLIENT_ID),
        _ => ("/common/oauth2/v2.0/devicecode", defaults::MICROSOFT_CLIENT_ID),
    };
    bench.form(path, &[("client_id", client), ("scope", scope)]).await
}

/// The state of a sign-in, as `/_sandbox/state` does not show it: by asking as the device does.
async fn polled(bench: &Bench, side: AuthorizationSide, code: &str) -> Reply {
    let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    match side {
        AuthorizationSide::Webex => {
            let basic = format!("{}:{}", defaults::WEBEX_CLIENT_ID, defaults::WEBEX_CLIENT_SECRET);
            let basic = format!("Basic {}", data_encoding::BASE64.encode(basic.as_bytes()));
            let client = ("client_id", defaults::WEBEX_CLIENT_ID);
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs([grant, ("device_code", code), client])
                .finish();
            let request = Request::post("/v1/device/token").header("authorization", basic);
            Reply::of(&ask(bench, request, body).await)
        }
        _ => {
            let client = ("client_id", defaults::MICROSOFT_CLIENT_ID);
            let secret = ("client_secret", defaults::MICROSOFT_CLIENT_SECRET);
            bench.form("/common/oauth2/v2.0/token", &[grant, client, secret, ("device_code", code)]).await
        }
    }
}

#[tokio::test]
async fn a_device_is_allowed_or_denied_at_its_page() {
    for side in [AuthorizationSide::Microsoft, AuthorizationSide::Webex] {
        let bench = Bench::new().await;
        let begun = device(&bench, side).await;
        let page = open(&bench, url::Url::parse(begun.text("/verification_uri")).expect("a URL").path()).await;
        assert!(text(&page).contains("name=\"user_code\""));
        // as people type
        let code = begun.text("/user_code").to_lowercase();
        let typed = format!("/_sandbox/device?user_code={}-{}", &code[..4], &code[4..]);
        let allowed = send(&bench, &open(&bench, &typed).await, ("account", ADA)).await;
        assert!(text(&allowed).contains("The device is signed in"), "{}", text(&allowed));
        let tokens = polled(&bench, side, begun.text("/device_code")).await;
        assert!(!tokens.text("/access_token").is_empty());
        assert_eq!(open(&bench, &typed).await.status(), 400, "answered already");

        let begun = device(&bench, side).await;
        let page = open(&bench, &format!("/_sandbox/device?userCode={}", begun.text("/user_code"))).await;
        let denied = send(&bench, &page, ("answer", "deny")).await;
        assert!(text(&denied).contains("The device is not signed in"), "{}", text(&denied));
        let refused = polled(&bench, side, begun.text("/device_code")).await;
        assert!(
            refused.body.to_string().contains("declined") || refused.body.to_string().contains("denied"),
            "{}",
            refused.body
        );
        assert_eq!(open(&bench, "/_sandbox/device?user_code=NOSUCHCO").await.status(), 400);
    }
}

#[tokio::test]
async fn the_front_page_shows_what_there_is_and_no_secret() {
    let bench = Bench::granted().await;
    let lesson = json!({ "subject": "Lesson & more", "startDateTime": "2027-03-02T09:00:00Z", "endDateTime": "2027-03-02T10:00:00Z" });
    bench.graph("POST {me}/onlineMeetings", Some(lesson)).await;
    let choice = open(&bench, &microsoft(&[])).await;
    let consent = send(&bench, &choice, ("account", ADA)).await;
    let pairs = back(&send(&bench, &consent, ("answer", "accept")).await);
    let page = text(&open(&bench, "/").await);
    let link = bench.sandbox.state()["meetings"][0]["joinWebUrl"].as_str().expect("a link").replace('&', "&amp;");
    let guest = json!({ "invitedUserEmailAddress": "eve@fabrikam.example", "sendInvitationMessage": true,
        "inviteRedirectUrl": "https://app.example/" });
    bench.graph("POST /v1.0/invitations", Some(guest)).await;
    let mailed = bench.sandbox.mails()[0].link.clone().expect("a link").replace('&', "&amp;");
    let page = text(&open(&bench, "/").await) + &page;
    for shown in ["Lesson &amp; more", ADA, "POST /v1.0/users/", &*link, &*mailed] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    assert!(page.contains(&format!("href=\"{link}\"")) && page.contains(&format!("href=\"{mailed}\"")), "{page}");
    for hidden in [value(&pairs, "code"), &*bench.application, defaults::MICROSOFT_CLIENT_SECRET] {
        assert!(!page.contains(hidden), "{hidden}");
    }
}

/// All other ids come from the seed, which is 0 for most.
#[tokio::test]
async fn the_name_of_a_page_is_not_guessed() {
    let name = |page: &Response<Bytes>| between(&text(page), "type=\"hidden\" name=\"sign_in\" value=\"", "\"");
    let (one, other) = (Bench::new().await, Bench::new().await);
    assert_ne!(name(&open(&one, &microsoft(&[])).await), name(&open(&other, &microsoft(&[])).await));
    let code = device(&one, AuthorizationSide::Microsoft).await.text("/user_code").to_owned();
    assert_eq!(device(&other, AuthorizationSide::Microsoft).await.text("/user_code"), code);
    let path = format!("/_sandbox/device?user_code={code}");
    assert_ne!(name(&open(&one, &path).await), name(&open(&other, &path).await));
    let knowing = [("user_code", code.as_str()), ("account", ADA)];
    assert_eq!(post(&one, "/_sandbox/device", &knowing).await.status(), 400, "the code is the attacker's own");
}

#[tokio::test]
async fn another_site_s_form_is_not_taken() {
    let bench = Bench::new().await;
    let choice = open(&bench, &microsoft(&[])).await;
    let code = device(&bench, AuthorizationSide::Microsoft).await.text("/user_code").to_owned();
    let device = open(&bench, &format!("/_sandbox/device?user_code={code}")).await;
    for page in [&choice, &device] {
        let (page, own) = (text(page), bench.sandbox.url().origin().ascii_serialization());
        let action = between(&page, "action=\"", "\"");
        let hidden = between(&page, "<input type=\"hidden\" ", ">");
        let body =
            format!("{}={}&account={ADA}", between(&hidden, "name=\"", "\""), between(&hidden, "value=\"", "\""));
        for (origin, status) in [("https://evil.test", 403), ("null", 403), (own.as_str(), 200)] {
            let request = Request::post(&action).header("origin", origin);
            assert_eq!(ask(&bench, request, body.clone()).await.status(), status, "{origin}");
        }
    }
}

const ADMINISTRATORS_ONLY: [(AuthorizationSide, &str, &str); 2] = [
    (AuthorizationSide::Microsoft, "openid https://graph.microsoft.com/user.invite.all", "AADSTS90094: "),
    (AuthorizationSide::Webex, "meeting:schedules_read meeting:admin_schedule_write", "Only a full administrator"),
];

#[tokio::test]
async fn only_an_administrator_grants_what_is_theirs() {
    let bench = Bench::new().await;
    for (side, scope, words) in ADMINISTRATORS_ONLY {
        let path = authorize(side, "common", &[("scope", scope)]);
        for answer in ["accept", "deny"] {
            let consent = send(&bench, &open(&bench, &path).await, ("account", ADA)).await;
            let page = text(&consent);
            assert!(page.contains("(administrators only)") && page.contains(words), "{page}");
            assert!(!page.contains("value=\"accept\""), "{page}");
            let pairs = back(&send(&bench, &consent, ("answer", answer)).await);
            let (error, description) = match side {
                AuthorizationSide::Webex => ("invalid_scope", ""),
                _ => ("access_denied", "AADSTS90094: The grant requires admin permission."),
            };
            assert_eq!((value(&pairs, "error"), value(&pairs, "error_description")), (error, description));
            assert_eq!((value(&pairs, "code"), value(&pairs, "state")), ("", "s t&1"));
        }
        let consent = send(&bench, &open(&bench, &path).await, ("account", defaults::ADMINISTRATOR)).await;
        let pairs = back(&send(&bench, &consent, ("answer", "accept")).await);
        assert_eq!(redeemed(&bench, side, value(&pairs, "code")).await.status, 200);
    }
}

#[tokio::test]
async fn only_an_administrator_allows_a_device_what_is_theirs() {
    for (side, scope, words) in ADMINISTRATORS_ONLY {
        let bench = Bench::new().await;
        let begun = device_for(&bench, side, scope).await;
        let path = format!("/_sandbox/device?user_code={}", begun.text("/user_code"));
        let refused = send(&bench, &open(&bench, &path).await, ("account", ADA)).await;
        assert_eq!(refused.status(), 403);
        assert!(text(&refused).contains(words), "{}", text(&refused));
        let page = open(&bench, &path).await;
        assert_eq!(send(&bench, &page, ("account", defaults::ADMINISTRATOR)).await.status(), 200);
        assert_eq!(polled(&bench, side, begun.text("/device_code")).await.status, 200);
        assert_eq!(send(&bench, &page, ("account", ADA)).await.status(), 400, "answered already");
    }
}

/// Applications' accounts and their guests are people of Webex, too.
#[tokio::test]
async fn nobody_signs_in_as_a_machine() {
    let bench = Bench::new().await;
    let (application, organization) = (defaults::WEBEX_SERVICE_APP_ID, defaults::WEBEX_ORGANIZATION_ID);
    assert!(bench.sandbox.authorize_service_app(application, organization, true));
    let asked = json!({ "clientId": defaults::WEBEX_SERVICE_APP_CLIENT_ID,
        "clientSecret": defaults::WEBEX_SERVICE_APP_CLIENT_SECRET, "targetOrgId": organization });
    let token = bench
        .sandbox
        .scoped_access_token(
            AuthorizationSide::Webex,
            defaults::WEBEX_CLIENT_ID,
            defaults::ORGANIZER,
            "spark:applications_token",
        )
        .expect("a token");
    let path = format!("POST /v1/applications/{application}/token");
    assert_eq!(bench.call(&token, &path, &[], Some(asked)).await.status, 200);
    assert!(bench.sandbox.state().to_string().contains("Service App"));
    let choice = open(&bench, &authorize(AuthorizationSide::Webex, "", &[])).await;
    assert!(text(&choice).contains(ADA) && !text(&choice).contains("Service App"), "{}", text(&choice));
}

/// The code still waits in both cases.
#[tokio::test]
async fn a_device_s_page_is_answered_once_and_within_ten_minutes() {
    let bench = Bench::new().await;
    let begun = device_for(&bench, AuthorizationSide::Microsoft, "User.Invite.All").await;
    let path = format!("/_sandbox/device?user_code={}", begun.text("/user_code"));
    let over = |reply: &Response<Bytes>| reply.status() == 400 && text(reply).contains("This page is over");
    let page = open(&bench, &path).await;
    assert_eq!(send(&bench, &page, ("account", ADA)).await.status(), 403);
    assert!(over(&send(&bench, &page, ("account", defaults::ADMINISTRATOR)).await), "used");
    let page = open(&bench, &path).await;
    bench.sandbox.advance(std::time::Duration::from_secs(601));
    assert!(over(&send(&bench, &page, ("account", defaults::ADMINISTRATOR)).await), "too late");
    let page = open(&bench, &path).await;
    assert_eq!(send(&bench, &page, ("account", defaults::ADMINISTRATOR)).await.status(), 200);
}

#[tokio::test]
async fn an_expired_code_is_said_plainly() {
    let bench = Bench::new().await;
    let begun = device(&bench, AuthorizationSide::Webex).await;
    let path = format!("/_sandbox/device?user_code={}", begun.text("/user_code"));
    let page = open(&bench, &path).await;
    bench.sandbox.advance(std::time::Duration::from_secs(301));
    for reply in [open(&bench, &path).await, send(&bench, &page, ("account", ADA)).await] {
        assert_eq!(reply.status(), 400);
        assert!(text(&reply).contains("This code is unknown, over, or was answered already."), "{}", text(&reply));
    }
}

#[tokio::test]
async fn who_is_gone_signs_in_no_more() {
    let bench = Bench::new().await;
    let guest =
        json!({ "invitedUserEmailAddress": "eve@fabrikam.example", "inviteRedirectUrl": "https://app.example/" });
    let invited = bench.graph("POST /v1.0/invitations", Some(guest)).await;
    let consent = send(&bench, &open(&bench, &microsoft(&[])).await, ("account", "eve@fabrikam.example")).await;
    let path = format!("DELETE /v1.0/users/{}", invited.text("/invitedUser/id"));
    assert_eq!(bench.graph(&path, None).await.status, 204);
    let reply = send(&bench, &consent, ("answer", "accept")).await;
    assert!(text(&reply).contains("This account cannot sign in here."), "{}", text(&reply));
}
