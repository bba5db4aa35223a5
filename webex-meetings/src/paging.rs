//! Pages: `Link: <…>; rel="next"` (RFC 8288). A page may be empty and still have a next one.

use bytes::Bytes;
use http::Response;
use invitations_core::Result;
use meetings_http::{Origin, next_link_from_header};

/// Where the listing goes on, on our origin.
///
/// # Errors
/// [`Protocol`](invitations_core::ErrorKind::Protocol) when the link leads elsewhere: the token would ride along.
pub(crate) fn next(origin: &Origin, reply: &Response<Bytes>) -> Result<Option<String>> {
    let Some(link) = next_link_from_header(reply.headers()) else { return Ok(None) };
    let mut url = origin.checked(&link)?;
    // next links were seen that carry `max=null` and are then refused
    let is_null =
        |(name, value): &(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| name == "max" && value == "null";
    if url.query_pairs().any(|pair| is_null(&pair)) {
        let kept: Vec<(String, String)> =
            url.query_pairs().filter(|pair| !is_null(pair)).map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        url.query_pairs_mut().clear().extend_pairs(kept);
    }
    Ok(Some(url.into()))
}

#[cfg(test)]
mod tests {
    use invitations_core::ErrorKind;
    use url::Url;

    use super::*;

    fn follow(link: &str) -> Result<Option<String>> {
        let origin = Origin::https(Url::parse("https://webexapis.com").unwrap()).unwrap();
        let reply = Response::builder().header("link", link).body(Bytes::new()).unwrap();
        next(&origin, &reply)
    }

    #[test]
    fn next_links_are_followed_as_they_are() {
        let link = "https://webexapis.com/v1/meetings?max=100&offset=100&to=2026-01-01T00%3A00%3A00Z";
        assert_eq!(follow(&format!("<{link}>; rel=\"next\"")).unwrap().as_deref(), Some(link));
        assert_eq!(follow(&format!("<{link}>; rel=\"first\"")).unwrap(), None);
    }

    #[test]
    fn a_null_in_a_next_link_is_taken_out() {
        let next = follow("<https://webexapis.com/v1/meetings?max=null&offset=1>; rel=\"next\"").unwrap();
        assert_eq!(next.as_deref(), Some("https://webexapis.com/v1/meetings?offset=1"));
    }

    #[test]
    fn links_to_other_origins_are_refused() {
        for elsewhere in
            ["https://webexapis.com.evil.example/v1", "http://webexapis.com/v1", "https://webexapis.com:444/v1"]
        {
            let error = follow(&format!("<{elsewhere}>; rel=\"next\"")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{elsewhere}");
        }
    }
}
