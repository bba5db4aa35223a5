//! What Entra's token endpoint takes as a proof, and what it says when it does not.

use std::time::Duration;

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use meetings_sandbox::{MicrosoftCredential, defaults};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::bench::{Bench, Reply, start};

const KEY: &str = include_str!("../fixtures/key.pem");
const CERTIFICATE: &str = include_str!("../fixtures/certificate.pem");
const ID: &str = defaults::MICROSOFT_CLIENT_ID;

fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    BASE64.decode(body.as_bytes()).expect("base64")
}

fn path(directory: &str) -> String {
    format!("/{directory}/oauth2/v2.0/token")
}

fn endpoint(bench: &Bench, directory: &str) -> String {
    format!("{}{}", bench.sandbox.url().as_str().trim_end_matches('/'), path(directory))
}

fn header() -> Value {
    json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": BASE64URL_NOPAD.encode(&Sha256::digest(der(CERTIFICATE))) })
}

fn claims(bench: &Bench, id: &str) -> Value {
    let now = start().timestamp();
    json!({
        "aud": endpoint(bench, defaults::DIRECTORY_ID), "iss": ID, "sub": ID, "jti": id,
        "nbf": now, "iat": now, "exp": now + 300,
    })
}

fn signed(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let message = format!("{}.{}", part(header), part(claims));
    let key = KeyPair::from_pkcs8(&der(KEY)).expect("a key");
    let mut bytes = vec![0; key.public_modulus_len()];
    key.sign(&signature::RSA_PSS_SHA256, &SystemRandom::new(), message.as_bytes(), &mut bytes).expect("signs");
    format!("{message}.{}", BASE64URL_NOPAD.encode(&bytes))
}

async fn ask(bench: &Bench, proof: &[(&str, &str)]) -> Reply {
    let fields =
        [("grant_type", "client_credentials"), ("client_id", ID), ("scope", "https://graph.microsoft.com/.default")];
    let fields: Vec<_> = fields.into_iter().chain(proof.iter().copied()).collect();
    bench.form(&path(defaults::DIRECTORY_ID), &fields).await
}

async fn assert_with(bench: &Bench, assertion: &str) -> Reply {
    let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    ask(bench, &[kind, ("client_assertion", assertion)]).await
}

/// The AADSTS number of a refusal.
fn number(reply: &Reply) -> u64 {
    assert_eq!((reply.status, reply.text("/error")), (401, "invalid_client"), "{}", reply.body);
    reply.body["error_codes"][0].as_u64().expect("a number")
}

fn certificate() -> MicrosoftCredential {
    MicrosoftCredential::Certificate { pem: CERTIFICATE.to_owned(), expires: None }
}

#[tokio::test]
async fn a_registered_certificate_is_a_proof_once_per_assertion() {
    let bench = Bench::new().await;
    let first = signed(&header(), &claims(&bench, "1"));
    assert_eq!(number(&assert_with(&bench, &first).await), 700_027, "not registered yet");
    assert!(bench.sandbox.add_credential(ID, &certificate()));
    assert_eq!(assert_with(&bench, &first).await.status, 200);
    assert_eq!(number(&assert_with(&bench, &first).await), 50_013, "replayed");
    let second = signed(&header(), &claims(&bench, "2"));
    assert_eq!(assert_with(&bench, &second).await.status, 200);
}

#[tokio::test]
async fn an_assertion_must_be_whole_in_time_and_for_this_endpoint() {
    let bench = Bench::new().await;
    assert!(bench.sandbox.add_credential(ID, &certificate()));
    let now = start().timestamp();
    let changed = |name: &str, value: Value| {
        let mut claims = claims(&bench, "1");
        claims[name] = value;
        signed(&header(), &claims)
    };
    let headed = |name: &str, value: Value| {
        let mut header = header();
        header[name] = value;
        signed(&header, &claims(&bench, "1"))
    };
    let good = signed(&header(), &claims(&bench, "1"));
    let forged = {
        let (message, signature) = good.rsplit_once('.').expect("three parts");
        let (header, _) = message.split_once('.').expect("two parts");
        let other = claims(&bench, "9").to_string();
        format!("{header}.{}.{signature}", BASE64URL_NOPAD.encode(other.as_bytes()))
    };
    for (assertion, expected) in [
        (forged, 700_027),
        (headed("alg", json!("none")), 700_027),
        (headed("alg", json!("RS256")), 700_027),
        (headed("x5t#S256", json!("other")), 700_027),
        (changed("aud", json!("https://login.microsoftonline.com/x/oauth2/v2.0/token")), 50_013),
        (changed("aud", json!(bench.sandbox.url())), 50_013),
        (changed("iss", json!("other")), 50_013),
        (changed("sub", json!("other")), 50_013),
        (changed("jti", Value::Null), 50_013),
        (changed("exp", json!(now)), 500_133),
        (changed("exp", Value::Null), 500_133),
        (changed("nbf", json!(now + 301)), 500_133),
        ("a.b.c".to_owned(), 50_013),
    ] {
        assert_eq!(number(&assert_with(&bench, &assertion).await), expected, "{assertion}");
    }
    let by_domain = changed("aud", json!(endpoint(&bench, defaults::DIRECTORY_DOMAIN)));
    assert_eq!(assert_with(&bench, &by_domain).await.status, 200);
    let untyped = ask(&bench, &[("client_assertion", &good)]).await;
    assert_eq!((untyped.status, &untyped.body["error_codes"]), (400, &json!([900_144])));
}

#[tokio::test]
async fn secrets_and_certificates_end() {
    let bench = Bench::new().await;
    let end = start() + Duration::from_secs(60);
    let control = |credential: Value| json!({ "client": ID, "credential": credential });
    for credential in [
        json!({ "secret": { "value": "second", "expires": end } }),
        json!({ "certificate": { "pem": CERTIFICATE, "expires": end } }),
    ] {
        assert_eq!(bench.control("POST /_sandbox/credentials", Some(control(credential))).await.status, 200);
    }
    let secret = |value| [("client_secret", value)];
    assert_eq!(ask(&bench, &secret("second")).await.status, 200);
    assert_eq!(assert_with(&bench, &signed(&header(), &claims(&bench, "1"))).await.status, 200);
    bench.sandbox.advance(Duration::from_secs(60));
    assert_eq!(number(&ask(&bench, &secret("second")).await), 7_000_222);
    assert_eq!(number(&assert_with(&bench, &signed(&header(), &claims(&bench, "2"))).await), 700_027);
    assert_eq!(number(&ask(&bench, &secret("third")).await), 7_000_215);
    assert_eq!(ask(&bench, &secret(defaults::MICROSOFT_CLIENT_SECRET)).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_registered_is_said_so() {
    let bench = Bench::new().await;
    let broken = MicrosoftCredential::Certificate { pem: KEY.to_owned(), expires: None };
    assert!(!bench.sandbox.add_credential(ID, &broken));
    assert!(!bench.sandbox.add_credential("nobody", &certificate()));
    for pem in [
        "",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMIL/\n-----END CERTIFICATE-----",
    ] {
        let body = json!({ "client": ID, "credential": { "certificate": { "pem": pem } } });
        assert_eq!(bench.control("POST /_sandbox/credentials", Some(body)).await.status, 400, "{pem}");
    }
}

#[tokio::test]
async fn a_trusted_issuer_s_assertion_is_a_proof_until_it_ends() {
    let bench = Bench::new().await;
    let federated = MicrosoftCredential::Federated {
        issuer: "https://cluster.example".to_owned(),
        subject: "system:serviceaccount:school:tutor".to_owned(),
        audience: "api://AzureADTokenExchange".to_owned(),
    };
    assert!(bench.sandbox.add_credential(ID, &federated));
    let assertion = |subject: &str| {
        let claims = json!({
            "iss": "https://cluster.example", "sub": subject, "aud": "api://AzureADTokenExchange",
            "exp": start().timestamp() + 60,
        });
        signed(&json!({ "alg": "RS256" }), &claims)
    };
    let ours = assertion("system:serviceaccount:school:tutor");
    for _ in 0..2 {
        assert_eq!(assert_with(&bench, &ours).await.status, 200);
    }
    assert_eq!(number(&assert_with(&bench, &assertion("system:serviceaccount:other:tutor")).await), 700_027);
    bench.sandbox.advance(Duration::from_secs(60));
    assert_eq!(number(&assert_with(&bench, &ours).await), 500_133);
}

#[tokio::test]
async fn an_administrator_consents_or_not() {
    let bench = Bench::new().await;
    let path = |directory: &str, redirect: &str| {
        format!("/{directory}/adminconsent?client_id={ID}&redirect_uri={redirect}&state=s%201")
    };
    let ask = |path: String| {
        let request = http::Request::get(path).body(Default::default()).expect("a request");
        let sandbox = &bench.sandbox;
        async move {
            let meetings_sandbox::Handled::Reply(reply) = sandbox.handle(request).await else { panic!("no reply") };
            let location = reply.headers().get("location").map(|url| url.to_str().expect("text").to_owned());
            (reply.status().as_u16(), location.unwrap_or_default())
        }
    };
    let back = "https://app.example/back";
    let granted = format!("{back}?admin_consent=True&tenant={}&state=s+1", defaults::DIRECTORY_ID);
    for directory in ["contoso.example", "organizations"] {
        assert_eq!(ask(path(directory, back)).await, (302, granted.clone()));
    }
    assert_eq!(ask(path("fabrikam.example", back)).await.0, 400);
    assert_eq!(ask(path("contoso.example", "https://evil.test/")).await.0, 400);
    bench.control("POST /_sandbox/consent", Some(json!({ "entra": "deny" }))).await;
    let (status, location) = ask(path("contoso.example", back)).await;
    assert_eq!(status, 302);
    assert!(location.starts_with(&format!("{back}?error=permission_denied&error_description=")), "{location}");
    let journal = bench.sandbox.journal();
    assert_eq!(journal.last().map(|entry| entry.operation.as_str()), Some("entra.adminconsent"));
    assert!(journal.iter().all(|entry| !entry.path.contains("s%201") && !entry.path.contains("s+1")));
}
