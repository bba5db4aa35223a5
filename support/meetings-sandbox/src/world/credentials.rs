//! What applications prove themselves with at Entra, beside their first secret.

use chrono::{DateTime, Utc};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde::{Deserialize, Serialize};

use super::World;

/// A further credential of a Microsoft application.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum MicrosoftCredential {
    /// A client secret.
    Secret {
        /// Its value.
        value: String,
        /// When it ends.
        #[serde(default)]
        expires: Option<DateTime<Utc>>,
    },
    /// A certificate; assertions signed with its key are accepted.
    Certificate {
        /// In PEM; the first certificate counts.
        pem: String,
        /// When it ends. The certificate's own dates are not read.
        #[serde(default)]
        expires: Option<DateTime<Utc>>,
    },
    /// A federated credential: assertions of another issuer are accepted.
    Federated {
        /// Its `iss`.
        issuer: String,
        /// Its `sub`.
        subject: String,
        /// Its `aud`.
        audience: String,
    },
}

/// The further credentials of one application, and the assertions it has used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Credentials {
    pub(crate) secrets: Vec<Secret>,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) federated: Vec<Federated>,
    /// Ids of assertions, and until when they could be used.
    pub(crate) used: std::collections::BTreeMap<String, i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) value: String,
    pub(crate) expires: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Certificate {
    /// SHA-256 of the certificate, base64url.
    pub(crate) thumbprint: String,
    /// The `SubjectPublicKeyInfo`, base64.
    pub(crate) public_key: String,
    pub(crate) expires: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Federated {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audience: String,
}

impl World {
    /// Adds a credential. The error says what is wrong with it.
    pub(crate) fn add_credential(&mut self, client: &str, new: &MicrosoftCredential) -> Result<(), &'static str> {
        let client = self.clients.get_mut(client).ok_or("no such client")?;
        let credentials = &mut client.credentials;
        match new {
            MicrosoftCredential::Secret { value, expires } => {
                credentials.secrets.push(Secret { value: value.clone(), expires: *expires });
            }
            MicrosoftCredential::Certificate { pem, expires } => {
                let der = certificate_of(pem).ok_or("no certificate in the PEM")?;
                let key = public_key(&der).ok_or("the certificate cannot be read")?;
                credentials.certificates.push(Certificate {
                    thumbprint: BASE64URL_NOPAD.encode(&<sha2::Sha256 as sha2::Digest>::digest(&der)),
                    public_key: BASE64.encode(key),
                    expires: *expires,
                });
            }
            MicrosoftCredential::Federated { issuer, subject, audience } => {
                let (issuer, subject, audience) = (issuer.clone(), subject.clone(), audience.clone());
                credentials.federated.push(Federated { issuer, subject, audience });
            }
        }
        Ok(())
    }
}

/// The first certificate of a PEM text (RFC 7468).
fn certificate_of(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    BASE64.decode(body.as_bytes()).ok()
}

/// The `SubjectPublicKeyInfo` of a certificate (RFC 5280, 4.1): the seventh member of what is signed, the sixth without a version.
fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    let (_, signed, _) = element(element(certificate)?.1)?;
    let mut rest = signed;
    // version, in a context tag
    if rest.first() == Some(&0xa0) {
        rest = element(rest)?.2;
    }
    // serial number, algorithm, issuer, validity, subject
    for _ in 0..5 {
        rest = element(rest)?.2;
    }
    Some(element(rest)?.0)
}

/// The first DER element: whole, its content, and what follows it.
fn element(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let first = usize::from(*bytes.get(1)?);
    let (length, header) = if first < 0x80 {
        (first, 2)
    } else {
        let count = first & 0x7f;
        let digits = bytes.get(2..2 + count).filter(|_| (1..=4).contains(&count))?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), 2 + count)
    };
    let end = header.checked_add(length)?;
    Some((bytes.get(..end)?, bytes.get(header..end)?, bytes.get(end..)?))
}
