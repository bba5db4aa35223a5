//! Who asks: a secret, a signed assertion, or an assertion of a trusted issuer.

use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::Value;

use super::{error::Failure, token::Form};
use crate::{
    defaults,
    serve::Call,
    world::{AuthorizationSide, Client, World},
};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far a client's clock may be ahead, in seconds.
const SKEW: i64 = 300;

pub(super) fn check(world: &mut World, call: &Call, form: &Form, id: &str) -> Result<(), Failure> {
    let now = world.now();
    let directory = call.segments.first().map_or("", String::as_str);
    let known = world.clients.get_mut(id).filter(|client| client.side == AuthorizationSide::Microsoft);
    let client = known.ok_or_else(|| Failure::unknown_client(id, directory))?;
    match (form.field("client_secret"), form.field("client_assertion")) {
        (Some(secret), _) if secret == client.secret => Ok(()),
        (Some(secret), _) => match client.credentials.secrets.iter().find(|known| known.value == secret) {
            Some(known) if known.expires.is_some_and(|end| end <= now) => Err(Failure::expired_secret(id)),
            Some(_) => Ok(()),
            None => Err(Failure::invalid_client(id)),
        },
        (None, Some(assertion)) => {
            if form.required("client_assertion_type")? != ASSERTION_TYPE {
                return Err(Failure::bad_assertion("the assertion type is not supported"));
            }
            let assertion = Assertion::read(assertion).ok_or_else(|| Failure::bad_assertion("it is not a JWT"))?;
            assertion.check(client, id, call, now.timestamp())
        }
        (None, None) => Err(Failure::missing_credential()),
    }
}

/// A JWT, taken apart.
struct Assertion<'a> {
    header: Value,
    claims: Value,
    message: &'a str,
    signature: Vec<u8>,
}

impl<'a> Assertion<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let part = |part: &str| serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).ok()?).ok();
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
        Some(Self { header: part(header)?, claims: part(claims)?, message, signature })
    }

    fn claim(&self, name: &str) -> &str {
        self.claims[name].as_str().unwrap_or_default()
    }

    fn check(&self, client: &mut Client, id: &str, call: &Call, now: i64) -> Result<(), Failure> {
        let federated = client.credentials.federated.iter().any(|known| {
            let claims = (self.claim("iss"), self.claim("sub"), self.claim("aud"));
            (known.issuer.as_str(), known.subject.as_str(), known.audience.as_str()) == claims
        });
        if !federated {
            self.check_signature(client, now)?;
            if self.claim("iss") != id || self.claim("sub") != id {
                return Err(Failure::bad_assertion("issuer and subject must be the application"));
            }
            let audiences = [defaults::DIRECTORY_ID, defaults::DIRECTORY_DOMAIN]
                .map(|directory| format!("{}/{directory}/oauth2/v2.0/token", call.origin));
            let asked = format!("{}{}", call.origin, call.path);
            if self.claim("aud") != asked && !audiences.iter().any(|audience| audience == self.claim("aud")) {
                return Err(Failure::bad_assertion("the audience is not this token endpoint"));
            }
        }
        let time = |name: &str| self.claims[name].as_i64();
        let Some(exp) = time("exp").filter(|exp| *exp > now) else { return Err(Failure::assertion_out_of_time()) };
        if time("nbf").is_some_and(|nbf| nbf > now.saturating_add(SKEW)) {
            return Err(Failure::assertion_out_of_time());
        }
        if federated {
            // handed out by another issuer, who may give the same one until it ends
            return Ok(());
        }
        let used = &mut client.credentials.used;
        used.retain(|_, until| *until > now);
        let jti = self.claim("jti");
        if jti.is_empty() || used.insert(jti.to_owned(), exp).is_some() {
            return Err(Failure::bad_assertion("its id is missing, or was used before"));
        }
        Ok(())
    }

    fn check_signature(&self, client: &Client, now: i64) -> Result<(), Failure> {
        let thumbprint = self.header["x5t#S256"].as_str().unwrap_or_default();
        let certificate = client.credentials.certificates.iter().find(|known| known.thumbprint == thumbprint);
        let certificate = certificate.filter(|known| known.expires.is_none_or(|end| end.timestamp() > now));
        let certificate = certificate.ok_or_else(Failure::unknown_certificate)?;
        let key = BASE64.decode(certificate.public_key.as_bytes()).unwrap_or_default();
        let good = self.header["alg"] == "PS256"
            && UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key)
                .verify(self.message.as_bytes(), &self.signature)
                .is_ok();
        if good { Ok(()) } else { Err(Failure::unknown_certificate()) }
    }
}
