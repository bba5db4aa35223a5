use std::{fmt, sync::Arc};

use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use url::Url;
use zeroize::Zeroize as _;

macro_rules! texts { ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
    $(#[$doc])*
    ///
    /// `Debug` does not show it; wiped on drop.
    #[derive(Clone)]
    pub struct $name(SecretString);

    impl $name {
        /// Keeps `text` unchanged.
        pub fn new(text: impl Into<String>) -> Self {
            let mut text = text.into();
            // an exact copy: shrinking the given string in place could leave its bytes behind
            let kept = Box::<str>::from(text.as_str());
            text.zeroize();
            Self(SecretString::from(kept))
        }

        /// The secret itself. Never log it.
        pub fn expose(&self) -> &str {
            self.0.expose_secret()
        }
    }

    impl fmt::Debug for $name {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(concat!(stringify!($name), "([redacted])"))
        }
    }
)+}}

texts! {
    /// The one-use code that an authorization server sends back with the user (RFC 6749, 4.1.2).
    AuthorizationCode,
    /// A signed statement with which a client proves itself (RFC 7523, 2.2).
    ClientAssertion,
    /// The secret of an OAuth client.
    ClientSecret,
    /// The code a device polls with (RFC 8628, 3.2).
    DeviceCode,
    /// An OpenID Connect ID token.
    IdToken,
    /// A link that acts on an invitation for whoever holds it.
    InvitationLink,
    /// The `state` of a connect flow (RFC 6749, 10.12).
    OAuthState,
    /// A meeting's passcode.
    Passcode,
    /// The PKCE code verifier (RFC 7636, 4.1).
    PkceVerifier,
    /// A refresh token.
    RefreshToken,
    /// An access token.
    TokenText,
    /// The secret with which whoever calls a webhook signs what it sends.
    WebhookSecret,
}

macro_rules! urls { ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
    $(#[$doc])*
    ///
    /// `Debug` shows the host only.
    #[derive(Clone)]
    pub struct $name(Arc<Url>);

    impl $name {
        /// Keeps `url` unchanged.
        pub fn new(url: Url) -> Self {
            Self(Arc::new(url))
        }

        /// The link itself. Never log it.
        pub fn expose(&self) -> &Url {
            &self.0
        }
    }

    impl fmt::Debug for $name {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, concat!(stringify!($name), "({}/…)"), self.0.host_str().unwrap_or("?"))
        }
    }
)+}}

urls! {
    /// The link that gives a file, such as a recording, to whoever holds it.
    DownloadUrl,
    /// The link that lets its holder into a meeting.
    JoinUrl,
    /// The link with which a guest redeems an invitation into a directory.
    RedeemUrl,
}

/// Opened plain text; wiped on drop.
pub struct SecretBytes(SecretBox<[u8]>);

impl SecretBytes {
    /// Keeps a copy of `bytes` and wipes the given ones.
    pub fn new(mut bytes: Vec<u8>) -> Self {
        let kept = Box::<[u8]>::from(bytes.as_slice());
        bytes.zeroize();
        Self(SecretBox::new(kept))
    }

    /// The plain text itself. Never log it.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use super::*;

    macro_rules! never {
        ($test:ident, $bound:path) => {
            #[test]
            fn $test() {
                /// An inherent constant wins over a trait's: `SEEN` is true only where the bound holds.
                struct Probe<T>(PhantomData<T>);
                trait Fallback {
                    const SEEN: bool = false;
                }
                impl<T> Fallback for Probe<T> {}
                impl<T: $bound> Probe<T> {
                    const SEEN: bool = true;
                }
                macro_rules! each {
                    ($name:ident) => {
                        const { assert!(!Probe::<$name>::SEEN) };
                    };
                }
                const { assert!(Probe::<String>::SEEN, "the probe is blind") };
                each!(AuthorizationCode);
                each!(ClientAssertion);
                each!(ClientSecret);
                each!(DeviceCode);
                each!(DownloadUrl);
                each!(IdToken);
                each!(InvitationLink);
                each!(JoinUrl);
                each!(OAuthState);
                each!(Passcode);
                each!(PkceVerifier);
                each!(RedeemUrl);
                each!(RefreshToken);
                each!(SecretBytes);
                each!(TokenText);
            }
        };
    }

    never!(no_secret_can_be_serialized, serde::Serialize);
    never!(no_secret_can_be_displayed, fmt::Display);
    never!(no_secret_can_be_compared_in_variable_time, PartialEq);

    #[test]
    fn debug_shows_no_secret() {
        let link = Url::parse("https://user:planted@teams.example/planted?planted=planted#planted").unwrap();
        let shown = [
            format!("{:?}", AuthorizationCode::new("planted")),
            format!("{:?}", ClientSecret::new("planted")),
            format!("{:?}", DeviceCode::new("planted")),
            format!("{:?}", IdToken::new("planted")),
            format!("{:?}", InvitationLink::new("planted")),
            format!("{:?}", OAuthState::new("planted")),
            format!("{:?}", Passcode::new("planted")),
            format!("{:?}", PkceVerifier::new("planted")),
            format!("{:?}", RefreshToken::new("planted")),
            format!("{:#?}", TokenText::new("planted")),
            format!("{:?}", SecretBytes::new(b"planted".to_vec())),
            format!("{:?}", JoinUrl::new(link.clone())),
            format!("{:?}", DownloadUrl::new(link.clone())),
            format!("{:?}", RedeemUrl::new(link)),
        ];
        for text in &shown {
            assert!(!text.contains("planted") && !text.contains("112"), "{text}");
        }
        assert_eq!(shown[0], "AuthorizationCode([redacted])");
        assert_eq!(shown[11], "JoinUrl(teams.example/…)");
    }

    #[test]
    fn the_value_is_kept_unchanged() {
        assert_eq!(Passcode::new(" 12é ").clone().expose(), " 12é ");
        assert_eq!(SecretBytes::new(vec![0, 255]).expose(), [0, 255]);
        let link = Url::parse("https://teams.example/l/1?p=x#y").unwrap();
        assert_eq!(JoinUrl::new(link.clone()).clone().expose(), &link);
    }
}
