//! What a fresh sandbox contains. All values are made up; none of them opens anything anywhere.

/// The Entra directory (tenant) id.
pub const DIRECTORY_ID: &str = "5a1d0c7e-0000-4000-8000-00000c0a7050";
/// A domain that names the same directory in authority URLs.
pub const DIRECTORY_DOMAIN: &str = "contoso.example";
/// The directory of personal Microsoft accounts, the same everywhere.
pub const PERSONAL_DIRECTORY_ID: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// The Microsoft application (client) id.
pub const MICROSOFT_CLIENT_ID: &str = "5a1d0c7e-0000-4000-8000-0000000c11e7";
/// The Microsoft client secret. Holds characters that must be encoded in a form.
pub const MICROSOFT_CLIENT_SECRET: &str = "sandbox~microsoft.client_secret+1";
/// The application permissions that a Microsoft application's tokens carry, unless others are set.
pub const APPLICATION_ROLES: [&str; 5] =
    ["Calendars.ReadWrite", "OnlineMeetings.ReadWrite.All", "User.Invite.All", "User.Read.All", "User.ReadWrite.All"];
/// The Webex integration's client id.
pub const WEBEX_CLIENT_ID: &str = "C5a1d0c7e00004000800000000000000000000000000000000000000000000001";
/// The Webex integration's client secret.
pub const WEBEX_CLIENT_SECRET: &str = "sandbox-webex-client-secret-1";
/// A second Webex integration: it does not see the first one's integration tags.
pub const OTHER_WEBEX_CLIENT_ID: &str = "C5a1d0c7e00004000800000000000000000000000000000000000000000000002";
/// The second integration's client secret.
pub const OTHER_WEBEX_CLIENT_SECRET: &str = "sandbox-webex-client-secret-2";
/// The Webex service application's own id.
pub const WEBEX_SERVICE_APP_ID: &str = "Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OL0M1YTFkMGM3ZTAwMDAzMw";
/// The service application's client id.
pub const WEBEX_SERVICE_APP_CLIENT_ID: &str = "C5a1d0c7e00004000800000000000000000000000000000000000000000000033";
/// The service application's client secret.
pub const WEBEX_SERVICE_APP_CLIENT_SECRET: &str = "sandbox-webex-service-app-secret-1";
/// What the service application may do.
pub const WEBEX_SERVICE_APP_SCOPE: &str =
    "meeting:admin_schedule_read meeting:admin_schedule_write guest-issuer:read guest-issuer:write";
/// The Webex organisation of all seeded people. No administrator has authorized the service application there.
pub const WEBEX_ORGANIZATION_ID: &str =
    "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi81YTFkMGM3ZS0wMDAwLTQwMDAtODAwMC0wMDAwMGMwYTcwNTA";
/// A seeded user of both providers, meant as the organizer.
pub const ORGANIZER: &str = "organizer@contoso.example";
/// The seeded administrator of both organisations: may consent to what only administrators can.
pub const ADMINISTRATOR: &str = ORGANIZER;
/// Seeded users of both providers: address and display name. [`ORGANIZER`] is the first.
pub const USERS: [(&str, &str); 5] = [
    (ORGANIZER, "Olga Organizer"),
    ("ada@contoso.example", "Ada Lovelace"),
    ("bert@contoso.example", "Bert Bauer"),
    ("carla@contoso.example", "Carla Conti"),
    ("tutor@contoso.example", "Tom Tutor"),
];
/// The Webex site of all seeded people.
pub const WEBEX_SITE: &str = "contoso.webex.example";

/// Whether the sandbox sends codes to this address: loopback over http, `localhost`, or any `https://*.example` host.
pub(crate) fn accepts_redirect(uri: &str) -> bool {
    let Ok(url) = url::Url::parse(uri) else { return false };
    match (url.scheme(), url.host_str()) {
        ("http", Some("127.0.0.1" | "localhost")) => true,
        ("https", Some(host)) => host.ends_with(".example") || matches!(host, "127.0.0.1" | "localhost"),
        _ => false,
    }
}
