use std::{fmt, sync::Arc};

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PSS_SHA256},
};
use data_encoding::BASE64URL_NOPAD;
use invitations_core::{Error, ErrorKind, Remedy, Result, secret::SecretBytes};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

const OPERATION: &str = "read certificate";

/// A certificate that is registered with the application, and its RSA private key (2048 to 8192 bits).
///
/// ```
/// use graph_meetings::{App, ClientCertificate, Credential, DirectoryId, core::{ids::ClientId, secret::SecretBytes}};
///
/// # let (certificate, key) = ("tests/fixtures/current-certificate.pem", "tests/fixtures/current-key.pem");
/// let key = SecretBytes::new(std::fs::read(key)?);
/// let certificate = ClientCertificate::from_pem(&std::fs::read(certificate)?, &key)?;
/// let directory = DirectoryId::parse("contoso.example")?;
/// let app = App::new(directory, ClientId::parse("client")?, Credential::Certificate(certificate));
/// # let _ = app;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Debug` shows the certificate's thumbprint only. The key lives in the crypto library's memory, which wipes it when the last clone
/// is dropped.
#[derive(Clone)]
pub struct ClientCertificate(Arc<Inner>);

struct Inner {
    key: KeyPair,
    thumbprint: String,
}

impl ClientCertificate {
    /// From PEM. The first text may hold a whole chain in any order: the certificate of the key is the one that counts. The key is
    /// PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`), not encrypted. Both may stand in one text.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when a part is missing, the key is no RSA key, or no certificate is the key's.
    pub fn from_pem(certificates: &[u8], key: &SecretBytes) -> Result<Self> {
        let unreadable = |_| refused("the certificate is no PEM", "Give the certificate as PEM, or use from_der.");
        let certificates: Vec<_> =
            CertificateDer::pem_slice_iter(certificates).collect::<Result<_, _>>().map_err(unreadable)?;
        let mut key = PrivateKeyDer::from_pem_slice(key.expose())
            .map_err(|_| refused("no private key in the PEM", "Give the key as PEM without a passphrase."))?;
        let certificate = Self::of(certificates.iter().map(AsRef::as_ref), &key);
        zeroize::Zeroize::zeroize(&mut key);
        certificate
    }

    /// From DER: one certificate, and the key as PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// As [`from_pem`](Self::from_pem).
    pub fn from_der(certificate: &[u8], key: &SecretBytes) -> Result<Self> {
        let key = PrivateKeyDer::try_from(key.expose())
            .map_err(|_| refused("the private key is no DER", "Give the key as PKCS#8 or PKCS#1."))?;
        Self::of(std::iter::once(certificate), &key)
    }

    fn of<'a>(mut certificates: impl Iterator<Item = &'a [u8]>, key: &PrivateKeyDer<'_>) -> Result<Self> {
        let pair = match key {
            PrivateKeyDer::Pkcs8(key) => KeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => KeyPair::from_der(key.secret_pkcs1_der()),
            _ => {
                return Err(refused(
                    "the key is no RSA key",
                    "Register a certificate with an RSA key: Entra takes PS256.",
                ));
            }
        };
        let pair = pair.map_err(|error| {
            refused(
                "the key is no RSA key of 2048 to 8192 bits",
                "Register a certificate with an RSA key: Entra takes PS256.",
            )
            .with_source(error)
        })?;
        // the key stands in the certificate as it is (RFC 8017, A.1.1, inside RFC 5280, 4.1.2.7): no need to parse X.509
        let public = pair.public_key().as_ref();
        let ours = certificates
            .find(|certificate| certificate.windows(public.len()).any(|window| window == public))
            .ok_or_else(|| {
                refused("no certificate is the key's", "Give the certificate that was issued for this key.")
            })?;
        let thumbprint = BASE64URL_NOPAD.encode(digest(&SHA256, ours).as_ref());
        Ok(Self(Arc::new(Inner { key: pair, thumbprint })))
    }

    /// The SHA-256 of the certificate in base64url, as it stands in assertions (`x5t#S256`).
    pub fn thumbprint(&self) -> &str {
        &self.0.thumbprint
    }

    /// PS256 (RFC 7518, 3.5). The salt is the crypto library's own.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.0.key.public_modulus_len()];
        self.0.key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature).map_err(|error| {
            Error::new(ErrorKind::Misconfigured, "sign assertion")
                .with_provider(crate::provider_id())
                .with_source(error)
        })?;
        Ok(signature)
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate").field("thumbprint", &self.0.thumbprint).finish_non_exhaustive()
    }
}

fn refused(detail: &'static str, action: &'static str) -> Error {
    Error::invalid(OPERATION, detail).with_provider(crate::provider_id()).with_remedy(Remedy::new(action))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: (&str, &str) = (
        include_str!("../../tests/fixtures/current-certificate.pem"),
        include_str!("../../tests/fixtures/current-key.pem"),
    );
    const NEXT: (&str, &str) =
        (include_str!("../../tests/fixtures/next-certificate.pem"), include_str!("../../tests/fixtures/next-key.pem"));
    const ELLIPTIC: (&str, &str) = (
        include_str!("../../tests/fixtures/elliptic-certificate.pem"),
        include_str!("../../tests/fixtures/elliptic-key.pem"),
    );
    /// `openssl x509 -outform der | sha256sum`, in base64url.
    const THUMBPRINT: &str = "XmO8OMkWHDyVmkcaPZMWNLbfCnOsBXnKDRQk0S7bChE";

    fn read(certificates: &str, key: &str) -> Result<ClientCertificate> {
        ClientCertificate::from_pem(certificates.as_bytes(), &SecretBytes::new(key.into()))
    }

    #[test]
    fn the_certificate_of_the_key_counts_wherever_it_stands() {
        for (certificates, key) in [
            (CURRENT.0.to_owned(), CURRENT.1.to_owned()),
            (format!("{}{}", NEXT.0, CURRENT.0), CURRENT.1.to_owned()),
            (format!("{}{}{}", CURRENT.1, CURRENT.0, NEXT.0), format!("{}{}{}", CURRENT.0, CURRENT.1, NEXT.0)),
        ] {
            assert_eq!(read(&certificates, &key).unwrap().thumbprint(), THUMBPRINT);
        }
        assert_ne!(read(NEXT.0, NEXT.1).unwrap().thumbprint(), THUMBPRINT, "PKCS#1 is read too");
    }

    #[test]
    fn der_is_read_too() {
        let certificate = CertificateDer::from_pem_slice(CURRENT.0.as_bytes()).unwrap();
        for (key, good) in [(CURRENT.1, true), (NEXT.1, false)] {
            let key = SecretBytes::new(PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap().secret_der().to_vec());
            assert_eq!(ClientCertificate::from_der(&certificate, &key).is_ok(), good);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_a_remedy() {
        let encrypted = CURRENT.1.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        for (certificates, key) in [
            (CURRENT.0, NEXT.1),
            ("", CURRENT.1),
            ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", CURRENT.1),
            (CURRENT.0, ""),
            (CURRENT.0, CURRENT.0),
            (CURRENT.0, &*encrypted),
            ELLIPTIC,
        ] {
            let error = read(certificates, key).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
            assert!(error.remedy().is_some());
        }
    }

    #[test]
    fn no_key_is_shown() {
        let certificate = read(CURRENT.0, CURRENT.1).unwrap();
        assert_eq!(format!("{certificate:?}"), format!("ClientCertificate {{ thumbprint: \"{THUMBPRINT}\", .. }}"));
    }
}
