use std::time::Duration;

use bytes::Bytes;
use http::header::ACCEPT;
use invitations_core::{
    Error, ErrorKind, RetryClass,
    ids::ProviderId,
    token::{GrantFailure, GrantFailureClass, Identity, ServerProfile, Subject, TokenReply},
};
use serde_json::Value;

use super::{
    failure, id_token,
    style::{OAuthStyle, SubjectFrom, check_endpoint},
};
use crate::pipeline::write_bearer;

pub(super) const OPERATION: &str = "read subject";
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);

/// How it is learned whose tokens they are.
pub(super) enum Ask {
    Known(Identity),
    Get { request: Box<http::Request<Bytes>>, read: Read },
}

/// Where it stands in an answer.
#[derive(Clone, Copy)]
pub(super) struct Read {
    subject: fn(&Value) -> Option<String>,
    address: fn(&Value) -> Option<String>,
}

pub(super) fn ask(style: &OAuthStyle, profile: &ServerProfile, reply: &TokenReply) -> Result<Ask, GrantFailure> {
    match &style.subject {
        SubjectFrom::IdToken { subject, address } => {
            let token = reply.id_token.as_ref().ok_or_else(|| unreadable("no id token", &profile.provider))?;
            let claims = id_token::claims(token, profile.client.as_str(), &style.issuers).ok_or_else(|| {
                unreadable("the id token is not one, not for this client or not from its issuer", &profile.provider)
            })?;
            identity(Some(&claims), Read { subject: *subject, address: *address }, &profile.provider).map(Ask::Known)
        }
        SubjectFrom::Get { url, subject, address } => {
            let config = |error: Error| {
                GrantFailure::new(GrantFailureClass::Config, error.with_provider(profile.provider.clone()))
            };
            check_endpoint(url, OPERATION).map_err(config)?;
            let mut request = http::Request::get(url.as_str())
                .header(ACCEPT, "application/json")
                .body(Bytes::new())
                .map_err(|error| config(Error::new(ErrorKind::Misconfigured, OPERATION).with_source(error)))?;
            write_bearer(request.headers_mut(), reply.access.expose(), OPERATION).map_err(config)?;
            Ok(Ask::Get { request: Box::new(request), read: Read { subject: *subject, address: *address } })
        }
    }
}

pub(super) fn of_answer(
    answer: &http::Response<Bytes>,
    read: Read,
    provider: &ProviderId,
) -> Result<Identity, GrantFailure> {
    if !answer.status().is_success() {
        // it is the API that refuses here: its 401 and 403 say nothing about our client or the grant
        let failed = failure::of_reply(answer, |_, _, _| GrantFailureClass::Config, OPERATION, provider);
        return Err(read_only(failed));
    }
    identity(serde_json::from_slice(answer.body()).ok().as_ref(), read, provider)
}

/// A read changes nothing, lost or not.
pub(super) fn read_only(failed: GrantFailure) -> GrantFailure {
    let after = match failed.class {
        GrantFailureClass::Transient { after, .. } => after,
        GrantFailureClass::Unknown => None,
        _ => return failed,
    };
    let class = GrantFailureClass::Transient { acted: false, after };
    GrantFailure::new(class, failed.error.with_retry(RetryClass::Safe { after }))
}

fn identity(answer: Option<&Value>, read: Read, provider: &ProviderId) -> Result<Identity, GrantFailure> {
    let text = answer.and_then(read.subject).ok_or_else(|| unreadable("no subject in the answer", provider))?;
    let subject = Subject::parse(text).map_err(|_| unreadable("the subject is empty or far too long", provider))?;
    let address = answer.and_then(read.address).unwrap_or_default();
    Ok(Identity::new(subject).with_address(&address))
}

fn unreadable(why: &'static str, provider: &ProviderId) -> GrantFailure {
    let error = Error::new(ErrorKind::Protocol, OPERATION).with_provider(provider.clone()).with_detail(why);
    GrantFailure::new(GrantFailureClass::Config, error)
}
