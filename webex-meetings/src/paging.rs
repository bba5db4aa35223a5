//! Pages: `Link: <…>; rel="next"` (RFC 8288). A page may be empty and still have a next one.

use bytes::Bytes;
use http::{Response, Uri};
use invitations_core::Result;
use meetings_http::{Origin, next_link_from_header};
use serde_json::Value;
use url::{ParseError, Url};

use crate::wire::text;

/// Where a reply came from, among its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Place(pub(crate) Uri);

/// Where the listing goes on, on our origin.
///
/// # Errors
/// [`Protocol`](invitations_core::ErrorKind::Protocol) when the link leads elsewhere: the token would ride along.
pub(crate) fn next(origin: &Origin, reply: &Response<Bytes>) -> Result<Option<String>> {
    let Some(link) = next_link_from_header(reply.headers()) else { return Ok(None) };
    let mut url = origin.checked(&whole(&link, reply))?;
    // next links were seen that carry `max=null` and are then refused; the rest goes back as it came
    let rest =
        url.query().map(|query| query.split('&').filter(|part| *part != "max=null").collect::<Vec<_>>().join("&"));
    url.set_query(rest.as_deref().filter(|rest| !rest.is_empty()));
    Ok(Some(url.into()))
}

/// A relative link begins where the page itself is (RFC 8288, 3.1).
fn whole(link: &str, reply: &Response<Bytes>) -> String {
    let place = reply.extensions().get::<Place>().and_then(|place| Url::parse(&place.0.to_string()).ok());
    match (Url::parse(link), place) {
        (Err(ParseError::RelativeUrlWithoutBase), Some(place)) if !link.is_empty() && !link.contains('\\') => {
            place.join(link).map_or_else(|_| link.to_owned(), String::from)
        }
        _ => link.to_owned(),
    }
}

/// What tells one page from another: the ids of its items, or the items where they have none.
pub(crate) fn ids(reply: &Response<Bytes>) -> Vec<String> {
    let mut page: Value = serde_json::from_slice(reply.body()).unwrap_or_default();
    let items = match page.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    items.into_iter().map(|item| text(&item, "id").unwrap_or_else(|| item.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use invitations_core::ErrorKind;

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
