//! The AADSTS number of a refused sign-in, for people's eyes.
//!
//! Microsoft says that clients must not depend on these numbers, and none does here: whether something failed is never decided by
//! them, only in which words a person is helped. A number that is not in the table is shown, and the classifier's own remedy stands
//! (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).

use serde::Deserialize;

use crate::client::App;

/// Numbers, and what to do about them.
const TABLE: &[(&[u64], Help)] = &[
    (&[7_000_215], Help::WrongSecret),
    (&[7_000_222], Help::ExpiredSecret),
    (&[700_027, 700_030, 50_012, 50_013], Help::UnknownCertificate),
    (&[500_133], Help::AssertionTime),
    (&[700_016], Help::NotInDirectory),
    (&[70_001, 7_000_112], Help::Disabled),
    (&[90_002], Help::NoDirectory),
    (&[53_003], Help::ConditionalAccess),
    (&[50_196], Help::Loop),
];

#[derive(Clone, Copy, Debug)]
enum Help {
    WrongSecret,
    ExpiredSecret,
    UnknownCertificate,
    AssertionTime,
    NotInDirectory,
    Disabled,
    NoDirectory,
    ConditionalAccess,
    Loop,
}

#[derive(Deserialize)]
struct Refusal {
    error_codes: Vec<u64>,
}

/// The number in a refusal, where there is one.
pub(super) fn number(refusal: &[u8]) -> Option<u64> {
    let refusal: Refusal = serde_json::from_slice(refusal).ok()?;
    refusal.error_codes.first().copied()
}

/// What to do about it, where that is known.
pub(super) fn action(number: u64, app: &App) -> Option<String> {
    let (_, help) = TABLE.iter().find(|(numbers, _)| numbers.contains(&number))?;
    let (client, directory) = (&app.client, &app.directory);
    let registration = format!("Entra admin center > App registrations > {client}");
    Some(match help {
        Help::WrongSecret => format!(
            "Give the secret's value, which is shown once, and not its ID; else make a new one: {registration} > Certificates & \
             secrets > New client secret."
        ),
        Help::ExpiredSecret => format!(
            "The secret has ended. Make a new one: {registration} > Certificates & secrets > New client secret; roll it out with \
             App::and_credential."
        ),
        Help::UnknownCertificate => format!(
            "Upload this certificate, or name the issuer of the assertions: {registration} > Certificates & secrets > Certificates \
             or Federated credentials."
        ),
        Help::AssertionTime => "Set this machine's clock: a client assertion is valid for five minutes.".to_owned(),
        Help::NotInDirectory => format!(
            "Check that the client id is the Application (client) ID, and that the application is in directory {directory}; there \
             an administrator adds it by consenting (App::admin_consent_url)."
        ),
        Help::Disabled => {
            format!("Switch it on again: Entra admin center > Enterprise applications > {client} > Properties > Enabled for users to sign-in.")
        }
        Help::NoDirectory => {
            format!("Check the directory {directory}: Entra admin center > Overview > Tenant ID; and the cloud that it is in.")
        }
        Help::ConditionalAccess => {
            "Except the application from the conditional access policy that blocks it, or call from an address that it allows.".to_owned()
        }
        Help::Loop => "Keep one Graph client, or its tokens, instead of signing in for each call.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use invitations_core::{ids::ClientId, secret::ClientSecret};

    use super::*;
    use crate::client::DirectoryId;

    #[test]
    fn a_number_is_read_and_has_help_of_its_own() {
        for (body, expected) in [
            (r#"{"error":"invalid_client","error_codes":[7000215]}"#, Some(7_000_215)),
            (r#"{"error_codes":[]}"#, None),
            (r#"{"error_codes":["7000215"]}"#, None),
            (r#"{"error_codes":[-1]}"#, None),
            (r#"{"error":"x"}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(number(body.as_bytes()), expected, "{body}");
        }
        let directory = DirectoryId::parse("contoso.example").unwrap();
        let app = App::with_secret(directory, ClientId::parse("c").unwrap(), ClientSecret::new("planted"));
        let texts: std::collections::BTreeSet<_> =
            TABLE.iter().map(|(numbers, _)| action(numbers[0], &app).unwrap()).collect();
        assert_eq!(texts.len(), TABLE.len());
        assert!(texts.iter().all(|text| !text.contains("planted")));
        assert_eq!(action(1, &app), None);
    }
}
