use std::fmt;

use crate::{Error, Result};

/// A mail address: compared by its canonical form, shown as it was given.
///
/// Canonical: the local part as given in lower case ASCII, the domain as IDNA A-label in lower case. Dots and `+tags` are never removed: they
/// are other people's mailboxes at many hosts. A local part outside ASCII is refused (SMTPUTF8 is not spoken here), so that
/// look-alikes cannot take over an address.
#[derive(Clone, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    canonical: String,
    original: String,
}

impl EmailAddress {
    /// Trims and checks `text`.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when it is not one address of the form `local@domain` within the lengths of RFC 5321
    /// (64 and 255 bytes), or has white space, control or non-ASCII characters in the local part.
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        let text = text.as_ref().trim();
        let bad = |why: &'static str| Error::invalid("parse mail address", why);
        let (local, domain) = text.rsplit_once('@').ok_or_else(|| bad("no @"))?;
        let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&c);
        if local.is_empty() || local.len() > 64 || !local.bytes().all(atom) {
            return Err(bad("the part before the @ is not usable"));
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(bad("the part before the @ has a misplaced dot"));
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| bad("the domain is not a host name"))?;
        if domain.len() > 255 || !domain.contains('.') || domain.starts_with('.') || domain.ends_with('.') {
            return Err(bad("the domain is not a full host name"));
        }
        let mut canonical = String::with_capacity(local.len() + 1 + domain.len());
        canonical.extend([local, "@", &domain]);
        canonical[..local.len()].make_ascii_lowercase();
        Ok(Self { canonical, original: text.to_owned() })
    }

    /// For comparing and storing: ASCII, lower case.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// As it was given, trimmed; for people's eyes.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// The domain, as IDNA A-label in lower case.
    pub fn domain(&self) -> &str {
        self.canonical.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({:?})", self.canonical)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.original)
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}
impl Eq for EmailAddress {}
impl std::hash::Hash for EmailAddress {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Self::parse(text)
    }
}
impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.original
    }
}
impl std::str::FromStr for EmailAddress {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_by_canonical_form_and_keeps_the_original() {
        let one = EmailAddress::parse(" Ada.Lovelace@Bücher.example ").unwrap();
        assert_eq!(one.canonical(), "ada.lovelace@xn--bcher-kva.example");
        assert_eq!(one.original(), "Ada.Lovelace@Bücher.example");
        assert_eq!(one, EmailAddress::parse("ADA.LOVELACE@xn--bcher-kva.example").unwrap());
        assert_ne!(one, EmailAddress::parse("adalovelace@xn--bcher-kva.example").unwrap());
    }

    #[test]
    fn look_alikes_and_broken_addresses_are_refused() {
        for bad in [
            "",
            "a",
            "@b.example",
            "a@",
            "a b@c.example",
            "a@b",
            "a\u{131}@b.example",
            "a\u{200b}@b.example",
            "a..b@c.example",
            "a@b.example\r\nBcc: x@y.example",
            "<a@b.example>",
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?}");
        }
    }
}
