use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use data_encoding::BASE64;
use http::{HeaderValue, StatusCode};
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    ids::ClientId,
    secret::{ClientAssertion, ClientSecret},
};
use url::form_urlencoded;

use super::classify::error_code;

/// RFC 7523, 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a client proves itself with at the token endpoint.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ClientCredential {
    /// A client secret, sent in the body (RFC 6749, 2.3.1).
    Secret(ClientSecret),
    /// A signed statement instead of a secret (RFC 7523, 2.2), asked for once per request.
    Assertion(Arc<dyn AssertionSource>),
}

/// Makes client assertions, or fetches them from where they are made.
#[async_trait]
pub trait AssertionSource: Debug + Send + Sync + 'static {
    /// An assertion for one request.
    ///
    /// # Errors
    /// When there is none now. Nothing is sent then; [`RetryClass::Safe`](invitations_core::RetryClass::Safe) says that asking
    /// later may help.
    async fn assertion(&self) -> Result<ClientAssertion>;
}

/// The credentials of one client, old and new side by side. Clones share which one worked last.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    all: Vec<ClientCredential>,
    worked: Arc<AtomicUsize>,
}

impl ClientCredentials {
    /// One credential.
    pub fn new(credential: ClientCredential) -> Self {
        Self { all: vec![credential], worked: Arc::default() }
    }

    /// Another one, for when those before it are refused.
    #[must_use]
    pub fn or(mut self, credential: ClientCredential) -> Self {
        self.all.push(credential);
        self
    }

    /// The one that worked last, then the others in their order, with their places.
    pub(super) fn in_turn(&self) -> impl Iterator<Item = (usize, &ClientCredential)> {
        let worked = self.worked.load(Ordering::Relaxed);
        let places = (0..self.all.len()).filter(move |place| *place != worked);
        std::iter::once(worked).chain(places).filter_map(|place| Some((place, self.all.get(place)?)))
    }

    pub(super) fn worked(&self, place: usize) {
        self.worked.store(place, Ordering::Relaxed);
    }
}

impl From<ClientCredential> for ClientCredentials {
    fn from(credential: ClientCredential) -> Self {
        Self::new(credential)
    }
}

impl From<ClientSecret> for ClientCredentials {
    fn from(secret: ClientSecret) -> Self {
        Self::new(ClientCredential::Secret(secret))
    }
}

/// Where the proof of who we are goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Proof {
    Body,
    /// A secret goes into the header.
    Basic,
    /// Nowhere: the endpoint does not ask for it.
    None,
}

impl ClientCredential {
    /// The form of one request: who we are, the proof of it, then the rest; with the header, where the proof goes there.
    pub(super) async fn form(
        &self,
        client: &ClientId,
        place: Proof,
        rest: &[(&str, &str)],
    ) -> Result<(Bytes, Option<HeaderValue>)> {
        // the serializer must not be held over the await: it is not Send
        let proof = match self {
            Self::Assertion(source) if place != Proof::None => Some(checked(source.assertion().await?)?),
            Self::Secret(_) | Self::Assertion(_) => None,
        };
        let mut header = None;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("client_id", client.as_str());
        match (self, &proof, place) {
            (_, _, Proof::None) => {}
            (Self::Secret(secret), _, Proof::Body) => {
                form.append_pair("client_secret", secret.expose());
            }
            (Self::Secret(secret), _, Proof::Basic) => header = Some(basic(client, secret)?),
            // of these there is no other form
            (Self::Assertion(_), proof, _) => {
                form.append_pair("client_assertion_type", ASSERTION_TYPE)
                    .append_pair("client_assertion", proof.as_ref().map_or("", ClientAssertion::expose));
            }
        }
        form.extend_pairs(rest);
        Ok((Bytes::from(form.finish()), header))
    }
}

/// `Basic` credentials; both parts are form-encoded first (RFC 6749, 2.3.1).
fn basic(client: &ClientId, secret: &ClientSecret) -> Result<HeaderValue> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(client.as_str()), encoded(secret.expose()));
    let text = format!("Basic {}", BASE64.encode(pair.as_bytes()));
    let mut header = HeaderValue::try_from(text).map_err(|_| Error::invalid("write credentials", "no header"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// Three parts of base64url (RFC 7515, 3.1). A file's last line break, or an error page, is no assertion.
fn checked(assertion: ClientAssertion) -> Result<ClientAssertion> {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let text = assertion.expose();
    if text.split('.').count() == 3 && text.split('.').all(part) {
        return Ok(assertion);
    }
    Err(Error::new(ErrorKind::Misconfigured, "get client assertion")
        .with_detail("what came is no signed JWT")
        .with_remedy(Remedy::new("Give the assertion alone, without white space around it.")))
}

/// Whether the server refused our credential and nothing else (RFC 6749, 5.2): it did not look at the grant.
pub(super) fn refuses_credential(answer: &http::Response<Bytes>) -> bool {
    matches!(answer.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)
        && error_code(answer.body()).as_deref() == Some("invalid_client")
}
