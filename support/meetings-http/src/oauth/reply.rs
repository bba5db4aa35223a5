use std::time::Duration;

use bytes::Bytes;
use invitations_core::{
    secret::{IdToken, RefreshToken, TokenText},
    token::TokenReply,
};
use serde_json::Value;

use crate::retry::server_time;

/// No token lives longer; keeps sums of times from overflowing.
const LONGEST_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Reads a successful answer (RFC 6749, 5.1). The error says what is wrong with it.
pub(super) fn read(reply: &http::Response<Bytes>) -> Result<TokenReply, &'static str> {
    let body: Value = serde_json::from_slice(reply.body()).map_err(|_| "a success that is not JSON")?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let access = text("access_token").ok_or("a success without an access token")?;
    if !is_token(access) || !text("refresh_token").is_none_or(is_token) {
        return Err("a token with characters that no token has");
    }
    if !text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err("a token of another type than Bearer");
    }
    let mut read = TokenReply::new(TokenText::new(access));
    read.refresh = text("refresh_token").map(RefreshToken::new);
    read.id_token = text("id_token").map(IdToken::new);
    read.expires_in = seconds(body.get("expires_in"));
    read.refresh_in = seconds(body.get("refresh_in"));
    read.refresh_expires_in =
        seconds(body.get("refresh_token_expires_in")).or_else(|| seconds(body.get("refresh_expires_in")));
    read.scopes =
        body.get("scope").and_then(Value::as_str).map(|scope| scope.split_whitespace().map(str::to_owned).collect());
    read.server_time = server_time(reply.headers()).map(Into::into);
    Ok(read)
}

/// Visible ASCII only (RFC 6749, appendix A.12 and A.17, less the space): fit for a header and a form.
pub(super) fn is_token(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Seconds as a number, or as a number in a string, as some servers write them. What is no such thing was not said.
pub(super) fn seconds(value: Option<&Value>) -> Option<Duration> {
    let seconds = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).map_or(LONGEST_LIFE, |life| life.min(LONGEST_LIFE)))
}
