//! Pages: `Link: <…>; rel="next"` (RFC 8288). A page may be empty and still have a next one.

use bytes::Bytes;
use http::{Response, Uri};
use invitations_core::{Error, ErrorKind, Result, ids::PageToken};
use meetings_http::{Listing, Origin, next_link_from_header};
use serde_json::Value;
use url::{ParseError, Url};

use crate::wire::text;

/// The members of Webex's queries that name whose things are listed, and of which meeting.
const WHOSE: &[&str] = &[
    "hostEmail",
    "hostUserId",
    "meetingId",
    "meetingNumber",
    "meetingSeriesId",
    "meetingTitle",
    "orgId",
    "ownedBy",
    "personEmail",
    "personId",
    "roomId",
    "userEmail",
    "webLink",
];
/// Where no site was named, Webex's links may name one.
const KEPT: &[&str] = &["siteUrl"];

/// Where a reply came from, among its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Place(pub(crate) Uri);

/// The page that a caller asks for with a place that an earlier page named, in the listing that `first` begins.
///
/// # Errors
/// [`InvalidInput`](ErrorKind::InvalidInput) for a place that this listing never named.
pub(crate) fn place(origin: &Origin, operation: &'static str, first: &Uri, place: &PageToken) -> Result<Uri> {
    let url = Listing::new(origin, first)?.whose(WHOSE).keeping(KEPT).place(operation, place);
    let url = url.map_err(|error| error.with_provider(crate::provider_id()))?;
    Uri::try_from(url.as_str()).map_err(|_| Error::invalid(operation, "the place to go on at is no URI"))
}

/// Where the listing goes on: on our origin and on the page's own path.
///
/// # Errors
/// [`Protocol`](ErrorKind::Protocol) when the link leads elsewhere: the token would ride along.
pub(crate) fn next(origin: &Origin, reply: &Response<Bytes>) -> Result<Option<String>> {
    let Some(link) = next_link_from_header(reply.headers()) else { return Ok(None) };
    let Some(Place(page)) = reply.extensions().get() else {
        return Err(Error::new(ErrorKind::Protocol, "check link").with_detail("where the page came from is not known"));
    };
    let mut url = Listing::new(origin, page)?.next(&whole(&link, page))?;
    // next links were seen that carry `max=null` and are then refused; the rest goes back as it came
    let rest =
        url.query().map(|query| query.split('&').filter(|part| *part != "max=null").collect::<Vec<_>>().join("&"));
    url.set_query(rest.as_deref().filter(|rest| !rest.is_empty()));
    Ok(Some(url.into()))
}

/// A relative link begins where the page itself is (RFC 8288, 3.1).
fn whole(link: &str, page: &Uri) -> String {
    match (Url::parse(link), Url::parse(&page.to_string()).ok()) {
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
    use super::*;

    fn follow(link: &str) -> Result<Option<String>> {
        let origin = Origin::https(Url::parse("https://webexapis.com").unwrap()).unwrap();
        let reply = Response::builder()
            .header("link", link)
            .extension(Place("https://webexapis.com/v1/meetings".parse().unwrap()));
        next(&origin, &reply.body(Bytes::new()).unwrap())
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
    fn links_to_other_places_are_refused() {
        for elsewhere in [
            "https://webexapis.com.evil.example/v1/meetings",
            "http://webexapis.com/v1/meetings",
            "https://webexapis.com:444/v1/meetings",
            "https://webexapis.com/v1/people",
            "https://webexapis.com/v1/meetings/m1",
            "/v1/recordings",
            "recordings",
            "..",
        ] {
            let error = follow(&format!("<{elsewhere}>; rel=\"next\"")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{elsewhere}");
        }
    }
}
