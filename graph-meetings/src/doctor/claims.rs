//! What an access token says it may do. A hint for people and nothing else: a token is opaque to clients, its form may change at any
//! time, and its signature is not checked here (<https://learn.microsoft.com/entra/identity-platform/access-tokens>).

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::Value;

/// More than any application has.
const MOST: usize = 500;

/// Permissions, in the form of the token.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Carries {
    /// An application's permissions.
    Roles(Vec<String>),
    /// Scopes: it is a user's token.
    Scopes(Vec<String>),
    /// It cannot be read.
    Unknown,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    scp: Option<String>,
}

pub(super) fn of_token(token: &str) -> Carries {
    let Some(claims) = read(token) else { return Carries::Unknown };
    let plain = |names: Vec<String>| names.into_iter().filter(|name| is_plain(name)).take(MOST).collect();
    match (claims.roles, claims.scp) {
        (None, Some(scopes)) => Carries::Scopes(plain(scopes.split_whitespace().map(str::to_owned).collect())),
        // without any permission the claim is missing
        (roles, _) => Carries::Roles(plain(roles.unwrap_or_default())),
    }
}

fn read(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let claims = BASE64URL_NOPAD.decode(claims.trim_end_matches('=').as_bytes()).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    // an array would be read as the members in their order
    claims.is_object().then(|| serde_json::from_value(claims).ok())?
}

/// Names as they stand in the permissions reference; whatever else stands there is not shown.
fn is_plain(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("head.{}.signature", BASE64URL_NOPAD.encode(claims.as_bytes()))
    }

    #[test]
    fn permissions_are_read_and_nothing_is_believed() {
        let roles = |names: &[&str]| Carries::Roles(names.iter().map(|&name| name.to_owned()).collect());
        for (text, expected) in [
            (token(r#"{"roles":["Calendars.ReadWrite"],"tid":"t"}"#), roles(&["Calendars.ReadWrite"])),
            (token(r#"{"tid":"t"}"#), roles(&[])),
            (token(r#"{"roles":[]}"#), roles(&[])),
            (token(r#"{"roles":["a\u001b[2J","","b c","x"]}"#), roles(&["x"])),
            (token(r#"{"roles":["A"],"scp":"B"}"#), roles(&["A"])),
            (
                token(r#"{"scp":"User.Read  Calendars.Read"}"#),
                Carries::Scopes(vec!["User.Read".into(), "Calendars.Read".into()]),
            ),
            (token(r#"{"roles":"A"}"#), Carries::Unknown),
            (token("[]"), Carries::Unknown),
            (token("not json"), Carries::Unknown),
            ("opaque".to_owned(), Carries::Unknown),
            ("a.b".to_owned(), Carries::Unknown),
            ("a.!.c".to_owned(), Carries::Unknown),
            ("a.b.c.d.e".to_owned(), Carries::Unknown),
            (String::new(), Carries::Unknown),
        ] {
            assert_eq!(of_token(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_token_with_a_million_names_is_cut_short() {
        let names = vec!["\"A\""; 10_000].join(",");
        let Carries::Roles(roles) = of_token(&token(&format!("{{\"roles\":[{names}]}}"))) else { panic!() };
        assert_eq!(roles.len(), MOST);
    }
}
