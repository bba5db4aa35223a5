use http::{
    HeaderMap, HeaderValue,
    header::{AUTHORIZATION, InvalidHeaderValue},
};
use invitations_core::{Error, ErrorKind, Result};

/// Writes the bearer token (RFC 6750, 2.1). The only place that writes `Authorization`.
pub(crate) fn write_bearer(headers: &mut HeaderMap, token: &str, operation: &'static str) -> Result<()> {
    let refuse = || Error::new(ErrorKind::Protocol, operation).with_detail("the access token is not fit for a header");
    // a space or a line break would end the token and begin something else
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refuse());
    }
    let mut text = String::with_capacity("Bearer ".len() + token.len());
    text.extend(["Bearer ", token]);
    let mut value = HeaderValue::try_from(text).map_err(|_: InvalidHeaderValue| refuse())?;
    value.set_sensitive(true);
    headers.insert(AUTHORIZATION, value);
    Ok(())
}
