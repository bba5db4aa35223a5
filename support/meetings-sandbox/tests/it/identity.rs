//! Entra's and Webex's token endpoints.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use http::Request;
use meetings_sandbox::{AuthorizationSide, Handled, MicrosoftUser, Rotation, WebexUser, defaults};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::bench::{Bench, Reply};

const REDIRECT: &str = "https://app.example/callback";
const VERIFIER: &str = "0123456789012345678901234567890123456789abc";

fn token_path() -> String {
    format!("/{}/oauth2/v2.0/token", defaults::DIRECTORY_ID)
}

/// Client fields of the token request.
fn client(side: AuthorizationSide) -> [(&'static str, &'static str); 2] {
    match side {
        AuthorizationSide::Webex => {
            [("client_id", defaults::WEBEX_CLIENT_ID), ("client_secret", defaults::WEBEX_CLIENT_SECRET)]
        }
        _ => [("client_id", defaults::MICROSOFT_CLIENT_ID), ("client_secret", defaults::MICROSOFT_CLIENT_SECRET)],
    }
}

async fn token(bench: &Bench, side: AuthorizationSide, fields: &[(&str, &str)]) -> Reply {
    let path = if side == AuthorizationSide::Webex { "/v1/access_token".to_owned() } else { token_path() };
    let fields: Vec<(&str, &str)> = client(side).into_iter().chain(fields.iter().copied()).collect();
    bench.form(&path, &fields).await
}

/// Signs `ada` in and gives back what the redirect carries.
async fn sign_in(bench: &Bench, side: AuthorizationSide, scope: &str) -> Vec<(String, String)> {
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(VERIFIER.as_bytes()));
    let (path, client_id) = match side {
        AuthorizationSide::Webex => ("/v1/authorize", defaults::WEBEX_CLIENT_ID),
        _ => ("/contoso.example/oauth2/v2.0/authorize", defaults::MICROSOFT_CLIENT_ID),
    };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", client_id),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", scope),
            ("state", "s t&1"),
            ("nonce", "n1"),
            ("login_hint", "ada@contoso.example"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    let request = Request::get(format!("{path}?{query}")).body(Default::default()).expect("a request");
    let Handled::Reply(response) = bench.sandbox.handle(request).await else { panic!("no reply") };
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().expect("text");
    assert!(location.starts_with(REDIRECT));
    url::Url::parse(location).expect("a URL").query_pairs().into_owned().collect()
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
}

/// Signs in and redeems; the token reply.
async fn tokens(bench: &Bench, side: AuthorizationSide) -> Reply {
    let scope = match side {
        AuthorizationSide::Webex => "openid meeting:schedules_write",
        _ => "openid offline_access Calendars.ReadWrite",
    };
    let pairs = sign_in(bench, side, scope).await;
    redeem(bench, side, value(&pairs, "code"), VERIFIER).await
}

async fn redeem(bench: &Bench, side: AuthorizationSide, code: &str, verifier: &str) -> Reply {
    let fields =
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT), ("code_verifier", verifier)];
    token(bench, side, &fields).await
}

async fn refresh(bench: &Bench, side: AuthorizationSide, refresh_token: &str) -> Reply {
    token(bench, side, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
}

const MICROSOFT: AuthorizationSide = AuthorizationSide::Microsoft;
const WEBEX: AuthorizationSide = AuthorizationSide::Webex;

#[tokio::test]
async fn client_credentials_give_an_hour_and_no_refresh_token() {
    let bench = Bench::new().await;
    let scope = ("scope", "https://graph.microsoft.com/.default");
    let reply = token(&bench, MICROSOFT, &[("grant_type", "client_credentials"), scope]).await;
    assert_eq!(
        (reply.status, &reply.body["expires_in"], &reply.body["ext_expires_in"]),
        (200, &json!(3599), &json!(3599))
    );
    assert!(reply.body.get("refresh_token").is_none());
    let bearer = reply.text("/access_token").to_owned();
    assert_eq!(bench.call(&bearer, "GET /v1.0/users", &[], None).await.status, 200);
    assert_eq!(bench.call(&bearer, "GET /v1.0/me", &[], None).await.status, 400, "an application is nobody's me");
    bench.sandbox.advance(Duration::from_secs(3600));
    let late = bench.call(&bearer, "GET /v1.0/users", &[], None).await;
    assert_eq!((late.status, late.code()), (401, "InvalidAuthenticationToken"));
    assert_eq!(bench.sandbox.state()["tokenCalls"][0]["count"], 1);
}

#[tokio::test]
async fn wrong_secrets_scopes_and_directories_answer_as_documented() {
    let bench = Bench::new().await;
    let scope = ("scope", "https://graph.microsoft.com/.default");
    let grant = ("grant_type", "client_credentials");
    let id = ("client_id", defaults::MICROSOFT_CLIENT_ID);
    let wrong = bench.form(&token_path(), &[grant, id, ("client_secret", "wrong"), scope]).await;
    assert_eq!((wrong.status, wrong.text("/error")), (401, "invalid_client"));
    assert_eq!(wrong.body["error_codes"], json!([7_000_215]));
    assert!(wrong.text("/error_description").starts_with("AADSTS7000215: "));
    assert!(wrong.text("/error_description").contains("\r\nTrace ID: "));
    let unknown = bench.form(&token_path(), &[grant, ("client_id", "nobody"), scope]).await;
    assert_eq!((unknown.status, unknown.text("/error")), (400, "unauthorized_client"));
    let scoped = token(&bench, MICROSOFT, &[grant, ("scope", "Calendars.Read")]).await;
    assert_eq!((scoped.status, scoped.text("/error")), (400, "invalid_scope"));
    let shared = [grant, id, ("client_secret", defaults::MICROSOFT_CLIENT_SECRET), scope];
    let common = bench.form("/common/oauth2/v2.0/token", &shared).await;
    assert_eq!((common.status, &common.body["error_codes"]), (400, &json!([90_002])));
}

#[tokio::test]
async fn code_with_pkce_gives_tokens_for_the_hinted_user_once() {
    let bench = Bench::new().await;
    let pairs = sign_in(&bench, MICROSOFT, "openid offline_access Calendars.ReadWrite").await;
    assert_eq!(value(&pairs, "state"), "s t&1");
    let code = value(&pairs, "code");
    let wrong = redeem(&bench, MICROSOFT, code, "another-verifier").await;
    assert_eq!((wrong.status, &wrong.body["error_codes"]), (400, &json!([501_481])));
    let right = redeem(&bench, MICROSOFT, code, VERIFIER).await;
    assert_eq!(right.status, 200);
    let claims = right.text("/id_token").split('.').nth(1).expect("claims");
    let claims: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes()).expect("base64")).expect("JSON");
    assert_eq!(claims["preferred_username"], "ada@contoso.example");
    assert_eq!((&claims["tid"], &claims["nonce"]), (&json!(defaults::DIRECTORY_ID), &json!("n1")));
    let me = bench.call(right.text("/access_token"), "GET /v1.0/me", &[], None).await;
    assert_eq!((me.text("/mail"), me.text("/id")), ("ada@contoso.example", claims["oid"].as_str().expect("oid")));
    let again = redeem(&bench, MICROSOFT, code, VERIFIER).await;
    assert_eq!(
        (again.status, again.text("/error"), &again.body["error_codes"]),
        (400, "invalid_grant", &json!([54_005]))
    );
}

#[tokio::test]
async fn code_dies_after_ten_minutes_and_needs_its_redirect() {
    let bench = Bench::new().await;
    let pairs = sign_in(&bench, MICROSOFT, "offline_access User.Read").await;
    let code = value(&pairs, "code");
    let elsewhere = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", "https://other.example/"),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(token(&bench, MICROSOFT, &elsewhere).await.status, 400);
    bench.sandbox.advance(Duration::from_secs(601));
    assert_eq!(redeem(&bench, MICROSOFT, code, VERIFIER).await.status, 400);
}

#[tokio::test]
async fn authorize_sends_no_code_to_strangers_and_says_who_declined() {
    let bench = Bench::new().await;
    let path = format!(
        "GET /common/oauth2/v2.0/authorize?client_id={}&response_type=code&scope=openid&redirect_uri=https://evil.test/",
        defaults::MICROSOFT_CLIENT_ID
    );
    assert_eq!(bench.control(&path, None).await.status, 400);
    bench.control("POST /_sandbox/consent", Some(json!({ "entra": "deny", "webex": "deny" }))).await;
    for (side, scope) in [(MICROSOFT, "User.Read"), (WEBEX, "spark:people_read")] {
        let pairs = sign_in(&bench, side, scope).await;
        assert_eq!((value(&pairs, "error"), value(&pairs, "state")), ("access_denied", "s t&1"));
    }
}

#[tokio::test]
async fn keep_leaves_the_old_refresh_token_working() {
    let bench = Bench::new().await;
    let first = tokens(&bench, MICROSOFT).await;
    let old = first.text("/refresh_token");
    let second = refresh(&bench, MICROSOFT, old).await;
    assert_ne!(second.text("/refresh_token"), old);
    assert_eq!(refresh(&bench, MICROSOFT, old).await.status, 200);
}

#[tokio::test]
async fn same_gives_the_same_refresh_token_with_the_time_it_has_left() {
    let bench = Bench::new().await;
    let first = tokens(&bench, WEBEX).await;
    assert_eq!(
        (&first.body["expires_in"], &first.body["refresh_token_expires_in"]),
        (&json!(1_209_599), &json!(7_775_999))
    );
    bench.sandbox.advance(Duration::from_secs(999));
    let second = refresh(&bench, WEBEX, first.text("/refresh_token")).await;
    assert_eq!(second.text("/refresh_token"), first.text("/refresh_token"));
    assert_eq!(second.body["refresh_token_expires_in"], 7_775_000);
}

#[tokio::test]
async fn grace_ends_after_a_minute_and_spares_the_family() {
    let bench = Bench::new().await;
    bench.sandbox.set_rotation(MICROSOFT, Rotation::Grace);
    let first = tokens(&bench, MICROSOFT).await;
    let second = refresh(&bench, MICROSOFT, first.text("/refresh_token")).await;
    bench.sandbox.advance(Duration::from_secs(60));
    assert_eq!(refresh(&bench, MICROSOFT, first.text("/refresh_token")).await.status, 200);
    bench.sandbox.advance(Duration::from_secs(1));
    assert_eq!(refresh(&bench, MICROSOFT, first.text("/refresh_token")).await.text("/error"), "invalid_grant");
    assert_eq!(refresh(&bench, MICROSOFT, second.text("/refresh_token")).await.status, 200);
}

#[tokio::test]
async fn reject_refuses_the_old_token_and_spares_the_family() {
    let bench = Bench::new().await;
    assert_eq!(bench.control("POST /_sandbox/rotation", Some(json!({ "entra": "reject" }))).await.status, 200);
    let first = tokens(&bench, MICROSOFT).await;
    let second = refresh(&bench, MICROSOFT, first.text("/refresh_token")).await;
    assert_eq!(refresh(&bench, MICROSOFT, first.text("/refresh_token")).await.text("/error"), "invalid_grant");
    assert_eq!(refresh(&bench, MICROSOFT, second.text("/refresh_token")).await.status, 200);
}

#[tokio::test]
async fn strict_revokes_the_family_on_reuse() {
    let bench = Bench::new().await;
    assert_eq!(bench.control("POST /_sandbox/rotation", Some(json!({ "entra": "strict" }))).await.status, 200);
    let first = tokens(&bench, MICROSOFT).await;
    let second = refresh(&bench, MICROSOFT, first.text("/refresh_token")).await;
    assert_eq!(refresh(&bench, MICROSOFT, first.text("/refresh_token")).await.status, 400);
    let dead = refresh(&bench, MICROSOFT, second.text("/refresh_token")).await;
    assert_eq!((dead.status, &dead.body["error_codes"]), (400, &json!([50_173])));
    let other = tokens(&bench, MICROSOFT).await;
    assert_eq!(refresh(&bench, MICROSOFT, other.text("/refresh_token")).await.status, 200, "another sign-in lives on");
}

#[tokio::test]
async fn revoked_tokens_fail_in_each_provider_s_words() {
    let bench = Bench::new().await;
    let (microsoft, webex) = (tokens(&bench, MICROSOFT).await, tokens(&bench, WEBEX).await);
    let revoked = bench.control("POST /_sandbox/tokens/revoke", Some(json!({ "user": "ada@contoso.example" }))).await;
    assert_eq!(revoked.body, json!({ "revoked": 2 }));
    let entra = refresh(&bench, MICROSOFT, microsoft.text("/refresh_token")).await;
    assert_eq!((entra.status, entra.text("/error")), (400, "invalid_grant"));
    let cisco = refresh(&bench, WEBEX, webex.text("/refresh_token")).await;
    assert_eq!(cisco.status, 400);
    assert!(cisco.text("/errors/0/description").contains("refresh token provided is expired, revoked"));
    assert!(cisco.body.get("error").is_none());
}

#[tokio::test]
async fn expired_access_tokens_answer_401_until_refreshed() {
    let bench = Bench::new().await;
    let pair = tokens(&bench, WEBEX).await;
    let me = |bearer: String| {
        let bench = &bench;
        async move { bench.call(&bearer, "GET /v1/people/me", &[], None).await }
    };
    assert_eq!(me(pair.text("/access_token").to_owned()).await.text("/emails/0"), "ada@contoso.example");
    bench.control("POST /_sandbox/tokens/expire", Some(json!({ "user": "ada@contoso.example" }))).await;
    let refused = me(pair.text("/access_token").to_owned()).await;
    assert_eq!(refused.status, 401);
    assert!(refused.text("/message").starts_with("The request requires a valid access token"));
    assert_eq!(bench.webex("GET /v1/people/me", None).await.status, 200, "the organizer's token is another user's");
    let fresh = refresh(&bench, WEBEX, pair.text("/refresh_token")).await;
    assert_eq!(me(fresh.text("/access_token").to_owned()).await.status, 200);
}

#[tokio::test]
async fn webex_wants_its_secret_and_speaks_its_own_errors() {
    let bench = Bench::new().await;
    let unknown = bench.form("/v1/access_token", &[("grant_type", "refresh_token"), ("client_id", "x")]).await;
    assert_eq!((unknown.status, unknown.text("/errors/0/description")), (400, "Client Id is invalid"));
    let id = ("client_id", defaults::WEBEX_CLIENT_ID);
    let missing = bench.form("/v1/access_token", &[("grant_type", "refresh_token"), id]).await;
    assert_eq!((missing.status, missing.text("/errors/0/description")), (400, "client_secret is required"));
    assert_eq!(missing.header("trackingid"), missing.text("/trackingId"));
}

#[tokio::test]
async fn a_personal_account_signs_in_where_personal_accounts_do() {
    let bench = Bench::new().await;
    bench.sandbox.add_microsoft_user(&MicrosoftUser::new("pat@outlook.example").personal());
    let ask = |directory: &str, address: &str| {
        let query = format!(
            "client_id={}&response_type=code&scope=openid&redirect_uri={REDIRECT}&login_hint={address}",
            defaults::MICROSOFT_CLIENT_ID
        );
        let request = Request::get(format!("/{directory}/oauth2/v2.0/authorize?{query}")).body(Default::default());
        let sandbox = &bench.sandbox;
        async move {
            let Handled::Reply(reply) = sandbox.handle(request.expect("a request")).await else { panic!("no reply") };
            reply.status() == 302
        }
    };
    for (directory, personal, organisation) in [
        ("common", true, true),
        ("consumers", true, false),
        ("organizations", false, true),
        (defaults::DIRECTORY_ID, false, true),
    ] {
        assert_eq!(ask(directory, "pat@outlook.example").await, personal, "{directory}");
        assert_eq!(ask(directory, "ada@contoso.example").await, organisation, "{directory}");
    }
}

#[tokio::test]
async fn whoever_is_removed_at_webex_refreshes_there_no_more_and_goes_on_at_microsoft() {
    let bench = Bench::new().await;
    let (webex, microsoft) = (tokens(&bench, WEBEX).await, tokens(&bench, MICROSOFT).await);
    let renew = async |side, reply: &Reply| refresh(&bench, side, reply.text("/refresh_token")).await.status;
    assert_eq!(renew(WEBEX, &webex).await, 200);
    assert!(bench.sandbox.remove_webex_user("Ada@contoso.example"));
    assert_eq!(renew(WEBEX, &webex).await, 400);
    // somebody new with the address is somebody else
    bench.sandbox.add_webex_user(&WebexUser::new("ada@contoso.example"));
    assert_eq!(renew(WEBEX, &webex).await, 400);
    assert_eq!(bench.call(microsoft.text("/access_token"), "GET /v1.0/me", &[], None).await.status, 200);
    assert_eq!(renew(MICROSOFT, &microsoft).await, 200);
}

#[tokio::test]
async fn what_an_administrator_ended_is_refreshed_no_more() {
    let bench = Bench::new().await;
    let granted = tokens(&bench, WEBEX).await;
    let other = defaults::OTHER_WEBEX_CLIENT_ID;
    let administrator =
        bench.sandbox.scoped_access_token(WEBEX, other, defaults::ADMINISTRATOR, "identity:tokens_write");
    let path = format!("DELETE /v1/authorizations?clientId={}", defaults::WEBEX_CLIENT_ID);
    assert_eq!(bench.call(&administrator.expect("a token"), &path, &[], None).await.status, 204);
    assert_eq!(refresh(&bench, WEBEX, granted.text("/refresh_token")).await.status, 400);
}
