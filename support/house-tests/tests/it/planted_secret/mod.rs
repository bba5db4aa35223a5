//! A secret is planted in every public type that can hold one; no `Debug` shows it.
//!
//! Rust cannot list its types, but the committed `public-api.txt` files do: every type with `Debug` is either in [`PLANTED`]
//! or in `secretless.txt` with a reason. A new type makes this test fail until somebody has decided.
//!
//! The secret types themselves are neither `Display` nor `Serialize`, which `invitations-core` proves where they are defined.

mod make;
mod table;
mod webex_extras;

use std::fmt::Debug;

use graph_meetings::{App, Credential, Graph};
use house_tests::{files, public_api, secretless, workspace};

use self::{
    make::*,
    table::{PLANTED, Planted},
    webex_extras::WITH_EXTRAS,
};

/// 32 bytes, so that it can be a key; its halves appear nowhere else.
const SECRET: &str = "planted-5d1c8e4f-never-shown-97b";

const CERTIFICATE: &str = include_str!("../../../../../graph-meetings/tests/fixtures/current-certificate.pem");
const KEY: &str = include_str!("../../../../../graph-meetings/tests/fixtures/current-key.pem");

fn planted() -> impl Iterator<Item = &'static Planted> {
    PLANTED.iter().chain(WITH_EXTRAS)
}

/// The secret as text, as a list of bytes, and in hexadecimal.
fn spellings() -> Vec<String> {
    let bytes = SECRET.as_bytes();
    let list = |part: &[u8]| part.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![SECRET.to_owned(), list(bytes), list(bytes).replace(", ", ",\n    "), hexadecimal]
}

#[test]
fn no_planted_secret_is_shown() {
    let mut findings = Vec::new();
    for (name, plant) in planted() {
        for shown in plant() {
            for secret in spellings() {
                if secretless::leaks(&shown, &secret) {
                    findings.push(format!("{name} shows its secret: {shown}"));
                }
            }
        }
    }
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn no_key_of_a_certificate_is_shown() {
    let certified = App::new(app().directory, app().client, Credential::Certificate(certificate()));
    let graph = Graph::builder(certified.clone()).build().expect("a client");
    let server = graph.authorization_server();
    let shown = [show(&certificate()), show(&certified), show(&graph), show(&server)].concat();
    let base64: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let der = data_encoding::BASE64.decode(base64.as_bytes()).expect("base64");
    // an RSA key's DER begins with its public half: look at the private one, in every spelling
    for part in der[der.len() / 2..].chunks_exact(12) {
        let list = part.iter().map(u8::to_string).collect::<Vec<_>>();
        let hexadecimal: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
        for spelling in [list.join(", "), list.join(",\n        "), hexadecimal] {
            assert!(!shown.contains(&spelling), "{shown}");
        }
    }
    assert!(base64.as_bytes().chunks(16).all(|part| !shown.contains(&*String::from_utf8_lossy(part))), "{shown}");
}

#[test]
fn every_type_with_debug_is_planted_or_listed() {
    let metadata = workspace::metadata().expect("cargo metadata");
    let listed = files::read(&workspace::root().join("support/house-tests/secretless.txt")).expect("the list");
    let listed = secretless::parse(&listed).expect("one type and one reason a line");
    let mut types = Vec::new();
    for package in workspace::packages(&metadata).iter().filter(|package| package.publishable) {
        let list = public_api::read(&package.folder).expect("a committed list");
        types.extend(public_api::debug_types(&list));
    }
    let planted: Vec<&str> = planted().map(|(name, _)| *name).collect();
    assert_eq!(secretless::check(&types, &planted, &listed), Vec::<String>::new());
}

#[test]
fn a_type_that_shows_its_secret_is_caught() {
    /// What a careless author would write.
    #[derive(Debug)]
    #[expect(dead_code, reason = "read through Debug only")]
    struct Careless {
        token: String,
        key: Vec<u8>,
    }
    let text = show(&Careless { token: SECRET.to_owned(), key: Vec::new() });
    let bytes = show(&Careless { token: String::new(), key: SECRET.into() });
    for shown in [text, bytes] {
        assert!(spellings().iter().any(|secret| secretless::leaks(&shown, secret)), "{shown}");
    }
}
