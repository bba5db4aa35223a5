//! The forms in which a secret can slip out.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

/// Shorter texts turn up by chance.
const SHORTEST: usize = 12;
/// How much of what stands before a secret is told of it.
const BEFORE: usize = 200;

/// The secrets to look for, each with its forms: they are said back many times.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets(Vec<(String, Vec<Form>)>);

type Form = (&'static str, String);

impl Secrets {
    pub(super) fn add(&mut self, secret: &str) {
        if secret.len() >= SHORTEST && secret.is_ascii() && !self.0.iter().any(|(known, _)| known == secret) {
            self.0.push((secret.to_owned(), forms(secret)));
        }
    }

    /// The forms of the last `many`.
    pub(super) fn latest(&self, many: usize) -> impl Iterator<Item = &str> {
        self.0.iter().rev().take(many).flat_map(|(_, forms)| forms).map(|(_, text)| text.as_str())
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Everything to look for, ready for many places: to make it ready costs more than to look.
    pub(super) fn search(&self) -> Search<'_> {
        let needles: Vec<_> = self
            .0
            .iter()
            .flat_map(|(secret, forms)| forms.iter().map(|(form, text)| (secret.as_str(), *form, text.as_str())))
            .collect();
        let automaton = AhoCorasick::new(needles.iter().map(|(_, _, needle)| needle)).expect("a search");
        Search { needles, automaton }
    }
}

pub(super) struct Search<'a> {
    needles: Vec<(&'a str, &'static str, &'a str)>,
    automaton: AhoCorasick,
}

impl Search<'_> {
    /// Which secret is in `place`, in which form, and after what.
    pub(super) fn found_in(&self, place: &[u8]) -> Vec<(&str, &'static str, String)> {
        let mut found = BTreeMap::new();
        for hit in self.automaton.find_overlapping_iter(place) {
            found.entry(hit.pattern().as_usize()).or_insert(hit.start());
        }
        let after = |start: usize| String::from_utf8_lossy(&place[start.saturating_sub(BEFORE)..start]).into_owned();
        found.into_iter().map(|(at, start)| (self.needles[at].0, self.needles[at].1, after(start))).collect()
    }
}

fn forms(secret: &str) -> Vec<Form> {
    let bytes = secret.as_bytes();
    let percent = |upper: bool| {
        let digits = if upper { HEXUPPER.encode(bytes) } else { HEXLOWER.encode(bytes) };
        digits.as_bytes().chunks(2).map(|pair| format!("%{}{}", char::from(pair[0]), char::from(pair[1]))).collect()
    };
    let middle = bytes.len() / 4..bytes.len() / 4 + bytes.len() / 2;
    // as bytes are shown by `Debug`, and written in JSON
    let shown = format!("{:?}", &bytes[middle.clone()]);
    let shown = shown.trim_matches(['[', ']']);
    let mut forms = vec![
        ("plain", secret.to_owned()),
        ("its middle", secret[middle].to_owned()),
        ("shown bytes", shown.to_owned()),
        ("bytes in JSON", shown.replace(' ', "")),
        ("hex", HEXLOWER.encode(bytes)),
        ("HEX", HEXUPPER.encode(bytes)),
        ("percent", percent(false)),
        ("PERCENT", percent(true)),
        ("form", url::form_urlencoded::byte_serialize(bytes).collect()),
        ("backwards", secret.chars().rev().collect()),
    ];
    // base64 depends on what stands before: three ways, without the characters that the neighbours share
    for before in 0..3 {
        let text = [&vec![0; before][..], bytes].concat();
        let end = text.len() * 8 / 6;
        for (form, encoded) in [("base64", BASE64_NOPAD.encode(&text)), ("base64url", BASE64URL_NOPAD.encode(&text))] {
            forms.push((form, encoded[(before * 8).div_ceil(6)..end].to_owned()));
        }
    }
    forms.retain(|(_, needle)| needle.len() >= SHORTEST / 2);
    forms
}

#[test]
fn a_secret_is_found_in_every_form() {
    let mut secrets = Secrets::default();
    secrets.add("Bearer-canary/1+2=3~");
    let search = secrets.search();
    for (form, needle) in forms("Bearer-canary/1+2=3~") {
        let place = format!("GET /?{needle}&x");
        assert!(search.found_in(place.as_bytes()).iter().any(|(_, found, _)| *found == form), "{form}");
    }
    for before in ["", "a", "ab", "abc"] {
        let place = BASE64_NOPAD.encode(format!("{before}Bearer-canary/1+2=3~ and more").as_bytes());
        assert!(!search.found_in(place.as_bytes()).is_empty(), "after {before:?}");
    }
    assert!(search.found_in(b"Bearer [redacted]").is_empty());
}
