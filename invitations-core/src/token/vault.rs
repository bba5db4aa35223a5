//! Both tokens of a connection in one sealed blob.

use super::Connection;
use crate::{
    Error, ErrorKind, Remedy, Result,
    secret::{RefreshToken, SealContext, Sealed, Sealer, SecretBytes, TokenText},
};

/// Both tokens, opened.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) access: TokenText,
    pub(super) refresh: Option<RefreshToken>,
}

#[derive(serde::Serialize)]
struct Written<'a> {
    v: u8,
    access: &'a str,
    refresh: Option<&'a str>,
}

#[derive(serde::Deserialize)]
struct Read {
    access: String,
    refresh: Option<String>,
}

/// A blob of another row, account, epoch or generation does not open.
fn context(connection: &Connection) -> SealContext {
    SealContext::new(
        "tokens",
        [
            connection.tenant.as_str(),
            connection.id.as_str(),
            connection.provider.as_str(),
            connection.subject.as_str(),
            &connection.epoch.to_string(),
            &connection.generation.to_string(),
        ],
    )
}

/// Seals for the epoch and generation that `connection` has.
pub(super) async fn seal(sealer: &dyn Sealer, connection: &Connection, pair: &Pair) -> Result<Sealed> {
    let written =
        Written { v: 1, access: pair.access.expose(), refresh: pair.refresh.as_ref().map(RefreshToken::expose) };
    let plain = serde_json::to_vec(&written).map_err(|_| Error::new(ErrorKind::Protocol, "seal tokens"))?;
    let plain = SecretBytes::new(plain);
    sealer.seal(&context(connection), plain.expose()).await.map_err(|error| sealer_failed("seal tokens", error))
}

/// Opens what `connection` holds; `None` when it holds nothing.
pub(super) async fn open(sealer: &dyn Sealer, connection: &Connection) -> Result<Option<Pair>> {
    let Some(sealed) = &connection.tokens else { return Ok(None) };
    let plain = sealer.open(&context(connection), sealed).await.map_err(|error| sealer_failed("open tokens", error))?;
    // the parser's own message could quote what it read
    let read: Read = serde_json::from_slice(plain.expose())
        .map_err(|_| misconfigured("open tokens").with_detail("the sealed tokens are not in a known form"))?;
    Ok(Some(Pair { access: TokenText::new(read.access), refresh: read.refresh.map(RefreshToken::new) }))
}

/// An operator's matter, never the user's; a key service that does not answer is a passing fault.
pub(super) fn sealer_failed(operation: &'static str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Throttled => error,
        _ => misconfigured(operation).with_source(error),
    }
}

fn misconfigured(operation: &'static str) -> Error {
    Error::new(ErrorKind::Misconfigured, operation)
        .with_remedy(Remedy::new("Give the sealer every key that stored tokens are sealed under."))
}
